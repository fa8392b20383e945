using System.Collections.Immutable;
using CsCheck;
using Presence.Actors.Serialization;
using Presence.Adapters.Sql.Users;
using Presence.Core.Privacy;
using Presence.Core.Users;
using static Presence.Specs.Support.Some;

namespace Presence.Specs.Users;

/// <summary>What a person chose comes back from the journal and from the projection as it went, whatever equals a default.</summary>
public sealed class StoredProfileSpecs
{
    private static readonly Gen<DateTimeOffset> AnyTime = Gen.Long[0, TimeSpan.TicksPerDay * 400].Select(ticks => Noon.AddTicks(ticks));

    private static readonly Gen<bool?> AnyAnswer = Gen.OneOf<bool?>(null, true, false);

    private static readonly Gen<PrivacyRule> AnyRule = Gen.Select(
        Gen.Enum<Visibility>(),
        Gen.Enum<Visibility>(),
        Gen.Bool,
        Gen.OneOf(Ann, Ben, Cleo).Array[0, 2],
        Gen.Select(AnyAnswer, AnyAnswer, AnyAnswer, (status, seen, typing) => new ViewerOverride(status, seen, typing)).Array[0, 1],
        (status, lastSeen, typing, blocked, overrides) =>
            new PrivacyRule
            {
                OnlineStatusVisibility = status,
                LastSeenVisibility = lastSeen,
                TypingIndicatorsEnabled = typing,
                Blocked = [.. blocked],
                Overrides = overrides.ToImmutableDictionary(_ => Ben),
            }
    );

    private static readonly Gen<HeldRecord?> AnyHeld = Gen.Select(
        Gen.Bool,
        Gen.OneOf<string?>(null, "at my desk 🐑"),
        AnyTime.Nullable(),
        AnyTime.Nullable(),
        AnyTime,
        Gen.Long[0, 1L << 52],
        AnyTime.Nullable(),
        (held, text, expires, seen, updated, version, chosen) =>
            held ? new HeldRecord(text, expires, seen, updated, version, expires is null ? null : "under it", chosen) : null
    );

    private static readonly Gen<StatusChosen> AnyStatus = Gen.Select(
        Layers<OnlineStatus?>(OnlineStatus.Away, OnlineStatus.Busy, OnlineStatus.Invisible),
        Layers<string?>("back on Monday", "works from Berlin"),
        Layers<string?>("in_a_call", "presenting"),
        AnyHeld,
        AnyTime,
        StatusChosen.Of
    );

    private static Gen<Layered<T>> Layers<T>(params T[] values) =>
        Gen.Select(
            Gen.OneOf([default!, .. values]),
            AnyTime.Nullable(),
            Gen.OneOf([default!, .. values]),
            (value, until, under) => value is null || until is null ? new Layered<T>(value) : new(value, until, under)
        );

    private static readonly PresenceSerializer Serializer = new(null!);

    [Fact]
    public void An_audience_rule_comes_back_from_the_journal_as_it_went() =>
        Gen.Select(AnyRule, AnyTime).Sample((rule, at) => FromJournal(new PrivacyChosen(rule, at)).ShouldBe(new PrivacyChosen(rule, at)));

    [Fact]
    public void A_status_comes_back_from_the_journal_as_it_went() => AnyStatus.Sample(chosen => FromJournal(chosen).ShouldBe(chosen));

    [Fact]
    public void A_profile_comes_back_from_its_projection_as_it_went() =>
        Gen.Select(AnyStatus, AnyRule, AnyTime)
            .Sample(
                (status, rule, at) =>
                {
                    var profile = Profile.Empty.Apply(status).Apply(new PrivacyChosen(rule, at));
                    ProfileJson.Read(ProfileJson.Write(profile)).ShouldBe(profile);
                }
            );

    [Fact]
    public void The_rule_of_the_server_is_not_stored_as_the_persons_own()
    {
        var contacts = new PrivacyRule { OnlineStatusVisibility = Visibility.Contacts };
        var profile = (Profile.Empty with { DefaultPrivacy = contacts }).Apply(new StatusChosen(null, "hi", null, null, null, Noon));

        var back = ProfileJson.Read(ProfileJson.Write(profile))!;

        back.OwnPrivacy.ShouldBeNull();
        (back with { DefaultPrivacy = contacts }).ShouldBe(profile);
        ProfileJson
            .Read("""{"privacy":{"online_status_visibility":"Nobody"}}""")!
            .OwnPrivacy.ShouldNotBeNull("of a build that noted no time");
        var own = profile.Apply(new PrivacyChosen(PrivacyRule.Default, Noon));
        ProfileJson.Read(ProfileJson.Write(own))!.OwnPrivacy.ShouldBe(PrivacyRule.Default);
    }

    [Fact]
    public void A_fact_of_an_earlier_build_is_read_as_it_was_meant()
    {
        const string journaled = """
            {"set_status":2,"custom_status":"in the lab","expires_at":"2026-11-22T12:01:00+00:00","at":"2026-11-22T12:00:00+00:00"}
            """;

        PresenceSerializer
            .ReadFact("status-chosen", System.Text.Encoding.UTF8.GetBytes(journaled))
            .ShouldBe(new StatusChosen(OnlineStatus.Away, "in the lab", null, At(60), null, Noon));
    }

    private static object FromJournal(IProfileFact fact) => Serializer.FromBinary(Serializer.ToBinary(fact), Serializer.Manifest(fact));
}
