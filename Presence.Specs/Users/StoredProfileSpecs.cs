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
        (held, text, expires, seen, updated, version) => held ? new HeldRecord(text, expires, seen, updated, version) : null
    );

    private static readonly Gen<StatusChosen> AnyStatus = Gen.Select(
        Gen.OneOf<OnlineStatus?>(null, OnlineStatus.Away, OnlineStatus.Busy, OnlineStatus.Invisible),
        Gen.OneOf<string?>(null, "back on Monday"),
        Gen.OneOf<string?>(null, "in_a_call"),
        AnyTime.Nullable(),
        AnyHeld,
        AnyTime,
        (status, text, activity, expires, held, at) => new StatusChosen(status, text, activity, expires, held, at)
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

    private static object FromJournal(IProfileFact fact) => Serializer.FromBinary(Serializer.ToBinary(fact), Serializer.Manifest(fact));
}
