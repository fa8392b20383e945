using System.Collections.Immutable;
using CsCheck;
using Presence.Core.Privacy;
using Presence.Core.Users;
using static Presence.Specs.Support.Some;

namespace Presence.Specs.Privacy;

/// <summary>Who sees what: a block beats an override beats a visibility; typing switched off beats an override.</summary>
public sealed class AudienceSpecs
{
    private static readonly Gen<bool?> AnyAnswer = Gen.OneOf<bool?>(null, true, false);

    private static readonly Gen<ViewerOverride?> AnyOverride = Gen.Select(
        Gen.Bool,
        AnyAnswer,
        AnyAnswer,
        AnyAnswer,
        (given, status, lastSeen, typing) => given ? new ViewerOverride(status, lastSeen, typing) : null
    );

    private static readonly Gen<PrivacyRule> AnyRule = Gen.Select(
        Gen.Enum<Visibility>(),
        Gen.Enum<Visibility>(),
        Gen.Bool,
        Gen.Bool,
        AnyOverride,
        Rule
    );

    [Theory]
    [InlineData(Visibility.Everyone, true, Sight.Full)]
    [InlineData(Visibility.Everyone, false, Sight.Full)]
    [InlineData(Visibility.Contacts, true, Sight.Full)]
    [InlineData(Visibility.Contacts, false, Sight.Nothing)]
    [InlineData(Visibility.Nobody, true, Sight.Nothing)]
    [InlineData(Visibility.Nobody, false, Sight.Nothing)]
    public void The_visibility_decides_where_nothing_else_does(Visibility visibility, bool areContacts, Sight sight) =>
        Audience.SightOf(new PrivacyRule { OnlineStatusVisibility = visibility }, Ben, areContacts).ShouldBe(sight);

    [Fact]
    public void Last_seen_is_a_matter_among_those_who_see_the_status()
    {
        var rule = new PrivacyRule { LastSeenVisibility = Visibility.Contacts };

        Audience.SightOf(rule, Ben, areContacts: true).ShouldBe(Sight.Full);
        Audience.SightOf(rule, Ben, areContacts: false).ShouldBe(Sight.WithoutLastSeen);
        Audience.SightOf(rule with { OnlineStatusVisibility = Visibility.Nobody }, Ben, areContacts: true).ShouldBe(Sight.Nothing);
    }

    [Fact]
    public void An_override_beats_the_visibility_both_ways()
    {
        var allowed = new PrivacyRule { OnlineStatusVisibility = Visibility.Nobody, Overrides = For(new(true, null, null)) };
        var denied = new PrivacyRule { Overrides = For(new(false, null, null)) };

        Audience.SightOf(allowed, Ben, false).ShouldBe(Sight.Full);
        Audience.SightOf(allowed, Cleo, false).ShouldBe(Sight.Nothing);
        Audience.SightOf(denied, Ben, true).ShouldBe(Sight.Nothing);
        Audience.SightOf(denied, Cleo, false).ShouldBe(Sight.Full);
    }

    [Fact]
    public void A_block_beats_an_override()
    {
        var rule = new PrivacyRule { Blocked = [Ben], Overrides = For(new(true, true, true)) };

        Audience.SightOf(rule, Ben, areContacts: true).ShouldBe(Sight.Nothing);
        Audience.SeesTyping(rule, Ben, areContacts: true).ShouldBeFalse();
        Audience.DecidingRule(rule, Ben).ShouldBe("block");
    }

    [Fact]
    public void Typing_switched_off_beats_an_override() =>
        Audience
            .SeesTyping(new PrivacyRule { TypingIndicatorsEnabled = false, Overrides = For(new(null, null, true)) }, Ben, true)
            .ShouldBeFalse();

    [Fact]
    public void Who_may_not_see_the_status_sees_no_typing() =>
        Audience
            .SeesTyping(new PrivacyRule { OnlineStatusVisibility = Visibility.Nobody, Overrides = For(new(null, null, true)) }, Ben, true)
            .ShouldBeFalse();

    [Fact]
    public void The_rule_that_decided_is_named()
    {
        Audience.DecidingRule(new PrivacyRule(), Ben).ShouldBe("visibility");
        Audience.DecidingRule(new PrivacyRule { Overrides = For(new(null, true, true)) }, Ben).ShouldBe("visibility");
        Audience.DecidingRule(new PrivacyRule { Overrides = For(new(false, null, null)) }, Ben).ShouldBe("override");
    }

    [Fact]
    public void Sight_is_what_the_first_matching_line_of_the_contract_says() =>
        Gen.Select(AnyRule, Gen.Bool)
            .Sample(
                (rule, areContacts) =>
                {
                    var status = FirstMatch(
                        rule.Blocked.Contains(Ben),
                        Of(rule)?.OnlineStatusVisible,
                        rule.OnlineStatusVisibility,
                        areContacts
                    );
                    var lastSeen = FirstMatch(rule.Blocked.Contains(Ben), Of(rule)?.LastSeenVisible, rule.LastSeenVisibility, areContacts);

                    Audience
                        .SightOf(rule, Ben, areContacts)
                        .ShouldBe(
                            (status, lastSeen) switch
                            {
                                (false, _) => Sight.Nothing,
                                (true, false) => Sight.WithoutLastSeen,
                                (true, true) => Sight.Full,
                            }
                        );
                    Audience
                        .SeesTyping(rule, Ben, areContacts)
                        .ShouldBe(status && rule.TypingIndicatorsEnabled && Of(rule)?.TypingVisible != false);
                },
                iter: 2_000
            );

    [Fact]
    public void A_block_takes_all_sight_whatever_else_is_set() =>
        Gen.Select(AnyRule, Gen.Bool)
            .Sample(
                (rule, areContacts) =>
                {
                    var blocking = rule with { Blocked = rule.Blocked.Add(Ben) };
                    Audience.SightOf(blocking, Ben, areContacts).ShouldBe(Sight.Nothing);
                    Audience.SeesTyping(blocking, Ben, areContacts).ShouldBeFalse();
                }
            );

    [Fact]
    public void A_narrower_visibility_never_shows_more_and_becoming_contacts_never_hides() =>
        AnyRule.Sample(rule =>
        {
            (Audience.SightOf(rule, Ben, areContacts: true) >= Audience.SightOf(rule, Ben, areContacts: false)).ShouldBeTrue();
            foreach (var areContacts in new[] { true, false })
            {
                var narrower = rule with { OnlineStatusVisibility = Visibility.Nobody };
                (Audience.SightOf(narrower, Ben, areContacts) <= Audience.SightOf(rule, Ben, areContacts)).ShouldBeTrue();
            }
        });

    [Fact]
    public void Blocks_and_overrides_of_one_viewer_are_nothing_to_another() =>
        AnyRule.Sample(rule =>
            Audience
                .SightOf(rule, Cleo, true)
                .ShouldBe(
                    Audience.SightOf(rule with { Blocked = [], Overrides = ImmutableDictionary<UserId, ViewerOverride>.Empty }, Cleo, true)
                )
        );

    [Fact]
    public void Each_sight_shows_its_part_of_the_record()
    {
        var record = new PresenceRecord(Ann)
        {
            OnlineStatus = OnlineStatus.Busy,
            CustomStatus = "in the lab",
            LastSeenAt = Noon,
            UpdatedAt = Noon,
            Version = 7,
        };

        Audience.Show(record, Sight.Full, version: 9).ShouldBe(record);
        Audience.Show(record, Sight.WithoutLastSeen, version: 9).ShouldBe(record with { LastSeenAt = null });
        Audience.Show(record, Sight.Nothing, version: 9).ShouldBe(PresenceRecord.Unknown(Ann));
    }

    [Fact]
    public void Rules_are_equal_by_content() =>
        AnyRule.Sample(rule =>
        {
            var copy = rule with
            {
                Blocked = [.. rule.Blocked],
                Overrides = rule.Overrides.ToImmutableDictionary(o => o.Key, o => o.Value with { }),
            };
            copy.ShouldBe(rule);
            copy.GetHashCode().ShouldBe(rule.GetHashCode());
            copy.ShouldNotBe(rule with { TypingIndicatorsEnabled = !rule.TypingIndicatorsEnabled });
            copy.ShouldNotBe(rule with { Blocked = rule.Blocked.Add(Cleo) });
            copy.ShouldNotBe(rule with { Overrides = rule.Overrides.SetItem(Cleo, new(null, null, false)) });
        });

    private static bool FirstMatch(bool blocked, bool? exception, Visibility visibility, bool areContacts) =>
        (blocked, exception, visibility, areContacts) switch
        {
            (true, _, _, _) => false,
            (_, { } answer, _, _) => answer,
            (_, _, Visibility.Everyone, _) => true,
            (_, _, Visibility.Contacts, true) => true,
            _ => false,
        };

    private static ViewerOverride? Of(PrivacyRule rule) => rule.Overrides.GetValueOrDefault(Ben);

    private static ImmutableDictionary<UserId, ViewerOverride> For(ViewerOverride exception) =>
        ImmutableDictionary<UserId, ViewerOverride>.Empty.Add(Ben, exception);

    private static PrivacyRule Rule(Visibility status, Visibility lastSeen, bool typing, bool blocks, ViewerOverride? exception) =>
        new()
        {
            OnlineStatusVisibility = status,
            LastSeenVisibility = lastSeen,
            TypingIndicatorsEnabled = typing,
            Blocked = blocks ? [Ben] : [],
            Overrides = exception is null ? ImmutableDictionary<UserId, ViewerOverride>.Empty : For(exception),
        };
}
