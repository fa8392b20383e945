using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Presence.Core.Users;

namespace Presence.Core.Sessions;

/// <summary>Makes and reads resume tokens: the name of a connection, sealed for one user and one device with a secret that all nodes share. So any node can read what another one gave, also after that one died, and nobody else can make one.</summary>
/// <remarks>A token: 16 bytes of the connection's name and the first 16 of HMAC-SHA256 over name, user and device, in base64url. It names no time: the window is counted from the connection's end, which is known elsewhere.</remarks>
/// <param name="secret">At least 32 bytes, the same on all nodes.</param>
public sealed class ResumeTokens(byte[] secret)
{
    private const int NameBytes = 16;
    private const int SealBytes = 16;

    /// <summary>The token of a connection.</summary>
    public string Issue(Guid connection, UserId user, DeviceId? device)
    {
        Span<byte> token = stackalloc byte[NameBytes + SealBytes];
        connection.TryWriteBytes(token);
        Seal(token[..NameBytes], user, device, token[NameBytes..]);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>The connection whose token it is; null where it was not made here for this user and device.</summary>
    public Guid? Read(string? text, UserId user, DeviceId? device)
    {
        Span<byte> token = stackalloc byte[NameBytes + SealBytes + 1];
        if (text is null || !Base64Url.IsValid(text, out var length) || length != NameBytes + SealBytes)
        {
            return null;
        }

        Base64Url.DecodeFromChars(text, token);
        Span<byte> seal = stackalloc byte[SealBytes];
        Seal(token[..NameBytes], user, device, seal);
        return CryptographicOperations.FixedTimeEquals(seal, token.Slice(NameBytes, SealBytes)) ? new Guid(token[..NameBytes]) : null;
    }

    private void Seal(ReadOnlySpan<byte> name, UserId user, DeviceId? device, Span<byte> seal)
    {
        // Ids hold no space: what is one's user and what is the device can't be mistaken for each other.
        var owner = Encoding.ASCII.GetBytes($"{user.Value} {device?.Value}");
        var sealedBytes = new byte[NameBytes + owner.Length];
        name.CopyTo(sealedBytes);
        owner.CopyTo(sealedBytes, NameBytes);
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, sealedBytes, mac);
        mac[..SealBytes].CopyTo(seal);
    }
}
