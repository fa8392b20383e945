using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Presence.Core.Users;

namespace Presence.Core.Identity;

/// <summary>A ticket as it is kept: whoever brings its text within the time opens one socket, or one stream, as that user.</summary>
/// <param name="Hash">Of its text, see <see cref="Tickets.HashOf"/>: who reads the store has no ticket.</param>
/// <param name="User">Who opens with it.</param>
/// <param name="Device">With which device alone; null: with any.</param>
/// <param name="Grant">Of the token by which it was asked for: what is opened ends with it; null: by none.</param>
/// <param name="MadeAt">When.</param>
/// <param name="ExpiresAt">Until when.</param>
public sealed record Ticket(string Hash, UserId User, DeviceId? Device, Grant? Grant, DateTimeOffset MadeAt, DateTimeOffset ExpiresAt);

/// <summary>The texts of tickets.</summary>
public static class Tickets
{
    /// <summary>How long one may be used.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(30);

    /// <summary>The most that one user may have and not have used: whoever asks for more waits until some have expired.</summary>
    public const int MostOfUser = 1_000;

    /// <summary>Of the randomness in a text.</summary>
    private const int Bytes = 32;

    /// <summary>A new text, which nobody can guess.</summary>
    public static string NewText() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>What is kept of a text; null: it has not the form of one, and there is no need to look.</summary>
    public static string? HashOf(string? text) =>
        text is not null && Base64Url.IsValid(text, out var length) && length == Bytes
            ? Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text)))
            : null;
}

/// <summary>Keeps tickets, for all nodes. It is the one place that says who was first with one.</summary>
/// <remarks>A store out of reach fails the task with <see cref="Errors.StoreUnavailableException"/>.</remarks>
public interface ITicketStore
{
    /// <summary>Keeps it, and forgets some that have expired; false, with nothing kept, where its user has <see cref="Tickets.MostOfUser"/>.</summary>
    Task<bool> Save(Ticket ticket, CancellationToken cancellation);

    /// <summary>Takes the ticket with that hash out, whether it has expired or not: of all who ask, one gets it; null: it was taken, or never was.</summary>
    Task<Ticket?> Take(string hash, CancellationToken cancellation);
}
