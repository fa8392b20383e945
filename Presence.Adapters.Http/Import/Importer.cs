using System.Text.Json;
using Presence.Actors;
using Presence.Actors.Loading;
using Presence.Adapters.Http.Wire;
using Presence.Core.Contacts;
using Presence.Core.Conversations;
using Presence.Core.Errors;

namespace Presence.Adapters.Http.Import;

/// <summary>One import: gathers lines, writes them in batches, and tells after each batch those whom it changed. What it holds does not grow with the body.</summary>
internal sealed class Importer(
    IContactDirectory contactDirectory,
    IConversationDirectory conversationDirectory,
    Entities entities,
    LimitOptions limits
)
{
    /// <summary>The most refusals that the answer lists; further ones are only counted.</summary>
    public const int MaxRefused = 1_000;

    private const int BatchLists = 500;
    private const int BatchIds = 10_000;

    private readonly List<(long Line, ContactList List)> _contacts = [];
    private readonly List<(long Line, ParticipantList List)> _participants = [];
    private readonly List<(long Line, Refusal Refusal)> _refused = [];
    private int _pendingIds;
    private long _lastLine;
    private long _writtenLine;
    private long _users;
    private long _conversations;
    private long _refusedTotal;

    /// <summary>Takes all lines; a refusal ends it, and names the line up to which all is written.</summary>
    public async Task<Refusal?> Run(IAsyncEnumerable<Line> lines, CancellationToken cancellation)
    {
        await foreach (var line in lines.WithCancellation(cancellation))
        {
            if (line.Number > limits.ImportLines)
            {
                return await Write(cancellation) ?? Stopped(new(ErrorCodes.TooLarge, $"an import has at most {limits.ImportLines} lines"));
            }

            _lastLine = line.Number;
            Take(line);
            if (IsFull && await Write(cancellation) is { } refusal)
            {
                return refusal;
            }
        }

        return await Write(cancellation);
    }

    /// <summary>The answer.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("users"u8, _users);
        writer.WriteNumber("conversations"u8, _conversations);
        writer.WriteStartArray("refused"u8);
        foreach (var (line, refusal) in _refused)
        {
            writer.WriteStartObject();
            writer.WriteNumber("line"u8, line);
            writer.WriteString("code"u8, refusal.Code);
            writer.WriteString("message"u8, refusal.Message);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteNumber("refused_total"u8, _refusedTotal);
        writer.WriteEndObject();
    }

    private bool IsFull => _contacts.Count + _participants.Count >= BatchLists || _pendingIds >= BatchIds;

    private void Take(Line line)
    {
        if (line.Utf8 is not { } utf8)
        {
            Refuse(line.Number, new(ErrorCodes.TooLarge, $"the line is over {limits.ImportLineBytes} bytes"));
            return;
        }

        if (utf8.Span.Trim(" \t\r"u8).IsEmpty)
        {
            return;
        }

        var parsed = ImportedList.Read(utf8);
        if (parsed.Value is { } list)
        {
            Gather(line.Number, list);
        }
        else
        {
            Refuse(line.Number, parsed.Refusal!);
        }
    }

    private void Gather(long line, ImportedList list)
    {
        _pendingIds += list.Count;
        if (list.Contacts is { } contacts)
        {
            _contacts.Add((line, contacts));
        }
        else
        {
            _participants.Add((line, list.Participants!));
        }
    }

    private void Refuse(long line, Refusal refusal)
    {
        _refusedTotal++;
        if (_refused.Count < MaxRefused)
        {
            _refused.Add((line, refusal));
        }
    }

    /// <summary>Writes both kinds together, so that what is written is always all up to some line.</summary>
    private async Task<Refusal?> Write(CancellationToken cancellation)
    {
        try
        {
            if (await WriteContacts(cancellation) is { } contactsRefused)
            {
                return Stopped(contactsRefused);
            }

            if (await WriteParticipants(cancellation) is { } participantsRefused)
            {
                return Stopped(participantsRefused);
            }
        }
        catch (StoreUnavailableException)
        {
            return Stopped(Refusal.Unavailable);
        }

        _pendingIds = 0;
        _writtenLine = _lastLine;
        return null;
    }

    private async Task<Refusal?> WriteContacts(CancellationToken cancellation)
    {
        if (_contacts.Count == 0)
        {
            return null;
        }

        var changed = await Replace(_contacts, contactDirectory.Replace, written => _users += written, cancellation);
        _contacts.Clear();
        return changed.Count == 0 ? null : await entities.TellOfBatch(new ContactsChanged(changed), cancellation);
    }

    private async Task<Refusal?> WriteParticipants(CancellationToken cancellation)
    {
        if (_participants.Count == 0)
        {
            return null;
        }

        var changed = await Replace(_participants, conversationDirectory.Replace, written => _conversations += written, cancellation);
        _participants.Clear();
        return changed.Count == 0 ? null : await entities.TellOfBatch(new ParticipantsChanged(changed), cancellation);
    }

    /// <summary>All lists in one write; where one of them is refused, one by one, so that the others are written and its line is told.</summary>
    private async Task<IReadOnlyCollection<TId>> Replace<TList, TId>(
        IReadOnlyList<(long Line, TList List)> lists,
        Func<IReadOnlyCollection<TList>, CancellationToken, Task<IReadOnlyCollection<TId>>> replace,
        Action<int> count,
        CancellationToken cancellation
    )
    {
        try
        {
            var all = await replace([.. lists.Select(entry => entry.List)], cancellation);
            count(lists.Count);
            return all;
        }
        catch (ListFullException full) when (lists.Count == 1)
        {
            Refuse(lists[0].Line, full.Refusal);
            return [];
        }
        catch (ListFullException)
        {
            var changed = new HashSet<TId>();
            foreach (var entry in lists)
            {
                changed.UnionWith(await Replace([entry], replace, count, cancellation));
            }

            return changed;
        }
    }

    private Refusal Stopped(Refusal why) =>
        why with
        {
            Message = $"{why.Message}; {_writtenLine} lines were taken, up to and with line {_writtenLine}: send those after it again",
        };
}
