using System.Globalization;
using CsCheck;
using Presence.Core.Json;

namespace Presence.Specs.Json;

public sealed class Rfc3339Specs
{
    [Theory]
    [InlineData("2026-11-22T12:00:00Z", "2026-11-22T12:00:00.0000000")]
    [InlineData("2026-11-22t12:00:00z", "2026-11-22T12:00:00.0000000")]
    [InlineData("2026-11-22T12:00:00+00:00", "2026-11-22T12:00:00.0000000")]
    [InlineData("2026-11-22T12:00:00-00:00", "2026-11-22T12:00:00.0000000")]
    [InlineData("2026-11-22T12:00:00+05:30", "2026-11-22T06:30:00.0000000")]
    [InlineData("2026-11-22T12:00:00-08:00", "2026-11-22T20:00:00.0000000")]
    [InlineData("2026-11-22T12:00:00+23:59", "2026-11-21T12:01:00.0000000")]
    [InlineData("2026-11-22T12:00:00.5Z", "2026-11-22T12:00:00.5000000")]
    [InlineData("2026-11-22T12:00:00.123456789123456789+01:00", "2026-11-22T11:00:00.1234567")]
    [InlineData("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.0000000")]
    [InlineData("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.0000000")]
    [InlineData("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000")]
    public void A_time_is_taken_in_each_form_of_the_standard(string text, string utc)
    {
        Rfc3339.TryParse(text, out var time).ShouldBeTrue();
        time.Offset.ShouldBe(TimeSpan.Zero);
        time.ToString("yyyy-MM-ddTHH:mm:ss.fffffff", CultureInfo.InvariantCulture).ShouldBe(utc);
    }

    [Theory]
    [InlineData("2026-11-22T12:00:00")]
    [InlineData("2026-11-22T12:00:00.5")]
    [InlineData("2026-11-22T12:00:00 Z")]
    [InlineData("2026-11-22 12:00:00Z")]
    [InlineData("2026-11-22T12:00Z")]
    [InlineData("2026-11-22T12:00:00.Z")]
    [InlineData("2026-11-22T12:00:00,5Z")]
    [InlineData("2026-11-22T12:00:00+0100")]
    [InlineData("2026-11-22T12:00:00+01")]
    [InlineData("2026-11-22T12:00:00+24:00")]
    [InlineData("2026-11-22T12:00:00+01:60")]
    [InlineData("2026-11-22T24:00:00Z")]
    [InlineData("2026-11-22T12:60:00Z")]
    [InlineData("2026-11-22T12:00:61Z")]
    [InlineData("2026-02-29T12:00:00Z")]
    [InlineData("2026-13-01T12:00:00Z")]
    [InlineData("20261122T120000Z0000")]
    [InlineData("11/22/2026 12:00:00 +00:00")]
    [InlineData("Sun, 22 Nov 2026 12:00:00 GMT")]
    [InlineData("٢٠٢٦-11-22T12:00:00Z")]
    [InlineData("1795348800")]
    [InlineData("tomorrow")]
    [InlineData("")]
    [InlineData("9999-12-31T23:59:60Z")]
    [InlineData("9999-12-31T23:59:59-00:01")]
    [InlineData("0001-01-01T00:00:00+00:01")]
    [InlineData("10000-01-01T00:00:00Z")]
    public void What_is_no_such_time_or_out_of_all_range_is_refused(string text) => Rfc3339.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void What_is_written_is_read_back() =>
        Gen.Select(Gen.Long[0, DateTime.MaxValue.Ticks], Gen.Int[-14 * 60, 14 * 60])
            .Where((ticks, offset) => ticks + (offset * TimeSpan.TicksPerMinute) is > 0 and < 3155378975999999999)
            .Sample(
                (ticks, offset) =>
                {
                    var time = new DateTimeOffset(ticks, TimeSpan.Zero).ToOffset(TimeSpan.FromMinutes(offset));
                    Rfc3339.TryParse(time.ToString("o", CultureInfo.InvariantCulture), out var back).ShouldBeTrue();
                    back.ShouldBe(time);
                },
                iter: 1_000
            );

    [Fact]
    public void No_text_at_all_makes_it_throw() => Gen.String.Sample(text => Rfc3339.TryParse(text, out _) || true, iter: 2_000);
}
