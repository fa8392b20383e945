using System.Text.Json;
using Presence.Benchmarks.Smoke;

namespace Presence.Benchmarks.Wire;

/// <summary>Reads the fields of a frame that the crowds ask for, presence by presence, and allocates nothing.</summary>
/// <remarks>What is not of a presence is there once <see cref="NextPresence"/> has said false.</remarks>
internal ref struct FrameFields(ReadOnlySpan<byte> frame)
{
    private Utf8JsonReader _reader = new(frame);

    /// <summary>The frame's type.</summary>
    public ReadOnlySpan<byte> Type { get; private set; }

    /// <summary>The id of the command that it answers.</summary>
    public ReadOnlySpan<byte> Id { get; private set; }

    /// <summary>Of a snapshot: no more follows.</summary>
    public bool Complete { get; private set; }

    /// <summary>Of a <c>connection_ack</c>: the old session goes on.</summary>
    public bool Resumed { get; private set; }

    /// <summary>Of a <c>connection_ack</c>.</summary>
    public ReadOnlySpan<byte> ResumeToken { get; private set; }

    /// <summary>Of a snapshot and of what answers a heartbeat.</summary>
    public ReadOnlySpan<byte> Cursor { get; private set; }

    /// <summary>Of an <c>error</c>.</summary>
    public ReadOnlySpan<byte> Code { get; private set; }

    /// <summary>Of a <c>reconnect</c>: after how many seconds.</summary>
    public double Delay { get; private set; }

    /// <summary>Of a typing: in which conversation.</summary>
    public ReadOnlySpan<byte> Conversation { get; private set; }

    /// <summary>Whose presence; -1 for a name that is none of the crowd's.</summary>
    public int User { get; private set; }

    /// <summary><c>online</c>, <c>offline</c> and so on.</summary>
    public ReadOnlySpan<byte> Status { get; private set; }

    /// <summary>Whether the status is <c>online</c>.</summary>
    public readonly bool Online => Status.SequenceEqual("online"u8);

    /// <summary>The text; empty for none.</summary>
    public ReadOnlySpan<byte> Text { get; private set; }

    /// <summary>When the record changed last; empty where the frame doesn't say.</summary>
    public ReadOnlySpan<byte> UpdatedAt { get; private set; }

    /// <summary><c>confirmed</c>, <c>grace</c> or <c>unknown</c>.</summary>
    public ReadOnlySpan<byte> Certainty { get; private set; }

    /// <summary>The version; -1 before a presence was read.</summary>
    public long Version { get; private set; }

    /// <summary>Goes on to the end of the next presence; false at the end of the frame.</summary>
    public bool NextPresence()
    {
        (User, Version) = (-1, -1);
        Status = Text = UpdatedAt = Certainty = default;
        while (_reader.Read())
        {
            if (_reader.TokenType == JsonTokenType.PropertyName)
            {
                ReadField();
            }
            else if (_reader.TokenType == JsonTokenType.EndObject && Version >= 0)
            {
                return true;
            }
        }

        return false;
    }

    private void ReadField()
    {
        var name = _reader.ValueSpan;
        _reader.Read();
        var text = _reader.TokenType == JsonTokenType.String ? _reader.ValueSpan : default;
        switch (name.Length)
        {
            case 2 when name.SequenceEqual("id"u8):
                Id = text;
                break;
            case 4 when name.SequenceEqual("type"u8):
                Type = text;
                break;
            case 4 when name.SequenceEqual("code"u8):
                Code = text;
                break;
            case 5 when name.SequenceEqual("delay"u8):
                Delay = _reader.GetDouble();
                break;
            case 6 when name.SequenceEqual("cursor"u8):
                Cursor = text;
                break;
            case 7 when name.SequenceEqual("user_id"u8):
                User = ContactRing.UserOf(text);
                break;
            case 7 when name.SequenceEqual("version"u8):
                Version = _reader.GetInt64();
                break;
            case 7 when name.SequenceEqual("resumed"u8):
                Resumed = _reader.GetBoolean();
                break;
            case 8 when name.SequenceEqual("complete"u8):
                Complete = _reader.GetBoolean();
                break;
            case 9 when name.SequenceEqual("certainty"u8):
                Certainty = text;
                break;
            case 10 when name.SequenceEqual("updated_at"u8):
                UpdatedAt = text;
                break;
            case 12 when name.SequenceEqual("resume_token"u8):
                ResumeToken = text;
                break;
            case 13 when name.SequenceEqual("online_status"u8):
                Status = text;
                break;
            case 13 when name.SequenceEqual("custom_status"u8):
                Text = text;
                break;
            case 15 when name.SequenceEqual("conversation_id"u8):
                Conversation = text;
                break;
        }
    }
}
