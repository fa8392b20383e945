using System.Runtime.Serialization;
using Presence.Actors.Serialization;
using Presence.Actors.Users;

namespace Presence.Actors.Nodes;

/// <summary>One line from another node: what has come of it, and the letter that is being put together from its parts.</summary>
internal sealed class IncomingLine
{
    /// <summary>After so many bytes the sender is told that they have come, without waiting for the next mail that goes there anyway.</summary>
    private const int ReceiptBytes = 128 * 1024;

    private readonly List<LetterPart> _parts = [];
    private long _notTold;

    /// <summary>The number of the last mail that came.</summary>
    public long Number { get; set; }

    /// <summary>The time until which all that was told has come.</summary>
    public long? HeardUntil { get; set; }

    /// <summary>When that came, by the clock of this node that nobody sets: the sender's own clock says nothing of silence.</summary>
    public TimeSpan HeardAt { get; set; }

    /// <summary>The number of the last mail whose letters the hub has dealt with.</summary>
    public long Done { get; private set; }

    /// <summary>The hub has dealt with that mail. Whether a receipt is due at once.</summary>
    public bool IsDone(MailDone mail)
    {
        Done = mail.Number;
        _notTold += mail.Bytes;
        return _notTold >= ReceiptBytes;
    }

    /// <summary>A mail went out with the receipt.</summary>
    public void ReceiptIsSent() => _notTold = 0;

    /// <summary>Something was lost: a letter of which parts have come may be incomplete.</summary>
    public void Lose() => _parts.Clear();

    /// <summary>The whole letter, when this was its last part.</summary>
    public IWireMessage? PutTogether(LetterPart part, PresenceSerializer serializer)
    {
        if (part.Number == 0)
        {
            _parts.Clear();
        }

        var isNext = part.Number == _parts.Count && (_parts.Count == 0 || _parts[0].Letter == part.Letter);
        if (!isNext || _parts.Sum(known => (long)known.Bytes.Length) + part.Bytes.Length > OutgoingLine.MaxLetterBytes)
        {
            _parts.Clear();
            return null;
        }

        _parts.Add(part);
        return _parts.Count == part.Of ? Whole(part.Manifest, serializer) : null;
    }

    private IWireMessage Whole(string manifest, PresenceSerializer serializer)
    {
        byte[] bytes = [.. _parts.SelectMany(part => part.Bytes)];
        _parts.Clear();
        return serializer.FromBinary(bytes, manifest) as IWireMessage ?? throw new SerializationException($"'{manifest}' is no message");
    }
}
