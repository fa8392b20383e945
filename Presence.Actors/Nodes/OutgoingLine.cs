using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Presence.Actors.Events;
using Presence.Actors.Serialization;

namespace Presence.Actors.Nodes;

/// <summary>One line to another node: what waits for it and what is under way, both in bytes.</summary>
/// <remarks>
/// Events wait apart, behind everything else: a backlog of them may fill its own share of the line, never delay a change of presence.
/// A node that gives receipts is sent no more than it has room for. One of an earlier build gives none; it is paced by time, see <see cref="Pace"/>.
/// </remarks>
internal sealed class OutgoingLine(UniqueAddress node, ActorSelection courier, bool keepsParticipants)
{
    /// <summary>A mail is closed before it is larger; a single letter may be.</summary>
    public const int MailBytes = 256 * 1024;

    /// <summary>The most bytes under way before something that is not an event is sent.</summary>
    public const int WindowBytes = 4 * 1024 * 1024;

    /// <summary>The most bytes under way before an event is sent.</summary>
    public const int EventWindowBytes = 512 * 1024;

    /// <summary>The most bytes that wait, of events and of all else each. What is over that is lost, and the hub asks again.</summary>
    public const int MaxWaitingBytes = 64 * 1024 * 1024;

    /// <summary>The largest letter that travels, in parts. Nothing that the service's limits allow comes near it.</summary>
    public const int MaxLetterBytes = 32 * 1024 * 1024;

    /// <summary>The largest letter that travels whole, which the frame of 4 MiB takes with what stands around it.</summary>
    public const int MaxWholeBytes = (4 * 1024 * 1024) - (16 * 1024);

    /// <summary>What stands around a letter at the most: the path of its entity, with every character of an id written as three; and the manifest.</summary>
    private const int BytesAround = 640;

    private readonly Queue<Letter> _letters = [];
    private readonly Queue<Letter> _events = [];
    private readonly Queue<(long Number, int Bytes)> _underWay = [];
    private long _letterBytes;
    private long _eventBytes;
    private long _underWayBytes;
    private long _cut;

    public UniqueAddress Node { get; } = node;

    /// <summary>When the node came, by the shared clock. What had been told by an earlier time says nothing to it, nor how late it is here.</summary>
    public long Since { get; init; }

    public ActorSelection Courier { get; } = courier;

    /// <summary>Whether its hub keeps the participants of conversations; that of the build before does not.</summary>
    public bool KeepsParticipants { get; } = keepsParticipants;

    /// <summary>The number of the last mail.</summary>
    public long Number { get; private set; }

    /// <summary>Whether the node says what has come. It is not known before its first mail.</summary>
    public bool GivesReceipts { get; private set; }

    /// <summary>Whether all that was told is sent, events aside.</summary>
    public bool HasToldAll => _letters.Count == 0;

    /// <summary>Whether anything waits.</summary>
    public bool IsWaiting => _letters.Count + _events.Count > 0;

    /// <summary>Adds a letter to what waits. False: it is too large for any mail.</summary>
    public bool Add(Letter letter)
    {
        var (manifest, bytes) = letter.Written!.Value;
        if (bytes.Length <= MailBytes || (!GivesReceipts && bytes.Length <= MaxWholeBytes))
        {
            Enqueue(letter);
            return true;
        }

        if (!GivesReceipts || bytes.Length > MaxLetterBytes)
        {
            return false;
        }

        Cut(letter, manifest, bytes);
        return true;
    }

    /// <summary>The next mail, if there is something to send and room for it.</summary>
    public bool TryTake(out ImmutableArray<Letter> letters)
    {
        var taken = ImmutableArray.CreateBuilder<Letter>();
        var bytes = 0;
        Take(_letters, WindowBytes, ref _letterBytes, taken, ref bytes);
        Take(_events, EventWindowBytes, ref _eventBytes, taken, ref bytes);
        letters = taken.ToImmutable();
        if (bytes > 0)
        {
            _underWay.Enqueue((Number + 1, bytes));
            _underWayBytes += bytes;
        }

        return bytes > 0;
    }

    /// <summary>The number of the next mail.</summary>
    public long NextNumber() => ++Number;

    /// <summary>The other node has dealt with all mails up to that number.</summary>
    public void Received(long number)
    {
        GivesReceipts = true;
        while (_underWay.TryPeek(out var mail) && mail.Number <= number)
        {
            _underWayBytes -= _underWay.Dequeue().Bytes;
        }
    }

    /// <summary>Time went by, which is all the receipt that a node of an earlier build gives.</summary>
    public void Pace()
    {
        if (!GivesReceipts)
        {
            _underWay.Clear();
            _underWayBytes = 0;
        }
    }

    /// <summary>The parts of one letter are one after the other, and behind what was told before it.</summary>
    private void Cut(Letter letter, string manifest, byte[] bytes)
    {
        const int size = MailBytes - (8 * 1024);
        var of = (bytes.Length + size - 1) / size;
        _cut++;
        for (var number = 0; number < of; number++)
        {
            var from = number * size;
            var part = new LetterPart(_cut, number, of, manifest, [.. bytes.AsSpan(from, Math.Min(size, bytes.Length - from))]);
            Enqueue(new(letter.From, part) { Written = PresenceSerializer.Written(part) });
        }
    }

    private void Enqueue(Letter letter)
    {
        var bytes = BytesOf(letter);
        var isEvent = letter.Content is EventsFor;
        ref var waiting = ref isEvent ? ref _eventBytes : ref _letterBytes;
        if (waiting + bytes > MaxWaitingBytes)
        {
            // A number left out: the other end notices that something is lost.
            Number++;
            return;
        }

        waiting += bytes;
        (isEvent ? _events : _letters).Enqueue(letter);
    }

    private void Take(Queue<Letter> from, int window, ref long waiting, ImmutableArray<Letter>.Builder taken, ref int bytes)
    {
        while (_underWayBytes + bytes < window && from.TryPeek(out var letter) && (bytes == 0 || bytes + BytesOf(letter) <= MailBytes))
        {
            taken.Add(from.Dequeue());
            waiting -= BytesOf(letter);
            bytes += BytesOf(letter);
        }
    }

    private static int BytesOf(Letter letter) => letter.Written!.Value.Bytes.Length + BytesAround;
}
