using System.Globalization;

namespace Presence.Core.Json;

/// <summary>Reads times as RFC 3339 writes them, and nothing else: <c>DateTimeOffset.TryParse</c> takes much more, and guesses what is missing.</summary>
public static class Rfc3339
{
    private const int WithoutFraction = 19;

    /// <summary>Takes <c>2026-11-22T22:00:00.5+01:00</c>, with or without fraction, <c>T</c> and <c>Z</c> in either case; false where the text has another form, or the time in UTC is outside the years 1 to 9999. Digits beyond 100 ns are cut off; a leap second is the second after.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DateTimeOffset utc)
    {
        utc = default;
        if (
            text.Length < WithoutFraction + 1
            || !TryDate(text[..10], out var date)
            || text[10] is not ('T' or 't')
            || !TryClock(text[11..WithoutFraction], out var clock)
            || !TryFraction(text[WithoutFraction..], out var fraction, out var zone)
            || !TryOffset(zone, out var offset)
        )
        {
            return false;
        }

        var ticks = date.Ticks + (clock - offset).Ticks + fraction;
        var inRange = ticks >= DateTime.MinValue.Ticks && ticks <= DateTime.MaxValue.Ticks;
        utc = inRange ? new DateTimeOffset(ticks, TimeSpan.Zero) : default;
        return inRange;
    }

    private static bool TryDate(ReadOnlySpan<char> text, out DateTime date) =>
        DateTime.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date);

    private static bool TryClock(ReadOnlySpan<char> text, out TimeSpan clock)
    {
        clock = default;
        if (
            text[2] != ':'
            || text[5] != ':'
            || !TryTwoDigits(text[..2], 23, out var hours)
            || !TryTwoDigits(text[3..5], 59, out var minutes)
            || !TryTwoDigits(text[6..], 60, out var seconds)
        )
        {
            return false;
        }

        clock = new TimeSpan(hours, minutes, seconds);
        return true;
    }

    /// <summary>A point and at least one digit, or nothing; the zone is what follows.</summary>
    private static bool TryFraction(ReadOnlySpan<char> text, out long ticks, out ReadOnlySpan<char> zone)
    {
        ticks = 0;
        zone = text;
        if (text.IsEmpty || text[0] != '.')
        {
            return true;
        }

        var unit = TimeSpan.TicksPerSecond / 10;
        var i = 1;
        for (; i < text.Length && char.IsAsciiDigit(text[i]); i++)
        {
            ticks += (text[i] - '0') * unit;
            unit /= 10;
        }

        zone = text[i..];
        return i > 1;
    }

    private static bool TryOffset(ReadOnlySpan<char> text, out TimeSpan offset)
    {
        offset = default;
        if (text is "Z" or "z")
        {
            return true;
        }

        if (
            text.Length != 6
            || text[0] is not ('+' or '-')
            || text[3] != ':'
            || !TryTwoDigits(text[1..3], 23, out var hours)
            || !TryTwoDigits(text[4..], 59, out var minutes)
        )
        {
            return false;
        }

        offset = new TimeSpan(hours, minutes, 0) * (text[0] == '-' ? -1 : 1);
        return true;
    }

    private static bool TryTwoDigits(ReadOnlySpan<char> text, int max, out int value)
    {
        value = char.IsAsciiDigit(text[0]) && char.IsAsciiDigit(text[1]) ? ((text[0] - '0') * 10) + (text[1] - '0') : int.MaxValue;
        return value <= max;
    }
}
