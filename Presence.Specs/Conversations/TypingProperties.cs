using System.Collections.Immutable;
using CsCheck;
using Presence.Core.Conversations;
using Presence.Core.Privacy;
using Presence.Core.Users;
using static Presence.Specs.Support.Some;

namespace Presence.Specs.Conversations;

/// <summary>Typing against a model of plain variables: who types until when on which device, and what a listener was told.</summary>
public sealed class TypingProperties
{
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);

    private static readonly Gen<UserId> AnyUser = Gen.OneOf(Ann, Ben, Cleo);

    private static readonly Gen<DeviceId?> AnyDevice = Gen.OneOf<DeviceId?>(null, Phone, Laptop);

    private static readonly Gen<Event> AnyEvent = Gen.Frequency(
        (6, Gen.Select(AnyUser, AnyDevice).Select(Event (user, device) => new Types(user, device))),
        (2, Gen.Select(AnyUser, AnyDevice).Select(Event (user, device) => new Stops(user, device))),
        (2, Gen.Select(AnyUser, Gen.OneOf(Phone, Laptop)).Select(Event (user, device) => new Disconnects(user, device))),
        (1, AnyUser.Array[1, 3].Select(Event (users) => new Changes([.. users])))
    );

    [Fact]
    public void Typing_is_what_a_plain_model_says_and_a_listener_knows_it() =>
        Gen.Select(AnyEvent, Gen.Int[0, 60])
            .Array[1, 40]
            .Sample(
                story =>
                {
                    var model = new Model();
                    var state = ConversationTyping.Empty with { Participants = [Ann, Ben, Cleo] };
                    var now = Noon;
                    foreach (var (what, tenths) in story)
                    {
                        now = now.AddSeconds(tenths / 10d);
                        state = model.Hears(state.Expire(now), now);
                        model.Expires(now);
                        state = model.Hears(what.On(state, now), now);
                        what.On(model, now);

                        Sorted(state.Leases.Select(lease => (lease.Key, lease.Value.EndsAt)))
                            .ShouldBe(Sorted(model.Typing.Select(entry => (entry.Key, entry.Value.Max(device => device.Until)))));
                        model.Told.SetEquals(model.Typing.Keys).ShouldBeTrue("a listener shows just who types");
                    }
                },
                iter: 500
            );

    private static (UserId, DateTimeOffset)[] Sorted(IEnumerable<(UserId User, DateTimeOffset)> typing) =>
        [.. typing.OrderBy(entry => entry.User.Value, StringComparer.Ordinal)];

    private sealed class Model
    {
        private readonly Dictionary<UserId, DateTimeOffset> _toldAt = [];

        public HashSet<UserId> Participants { get; set; } = [Ann, Ben, Cleo];

        public Dictionary<UserId, List<(DeviceId? Device, DateTimeOffset Until)>> Typing { get; } = [];

        public HashSet<UserId> Told { get; } = [];

        public void Expires(DateTimeOffset now)
        {
            Typing.Keys.ToList().ForEach(user => Ends(user, typing => typing.Until <= now));
        }

        public void Ends(UserId user, Predicate<(DeviceId? Device, DateTimeOffset Until)> which)
        {
            if (Typing.TryGetValue(user, out var devices) && devices.RemoveAll(which) > 0 && devices.Count == 0)
            {
                Typing.Remove(user);
            }
        }

        public ConversationTyping Hears(TypingStep step, DateTimeOffset now)
        {
            foreach (var (lease, isTyping) in step.Announcements)
            {
                if (isTyping && !Told.Add(lease.Typist))
                {
                    (now - _toldAt[lease.Typist]).ShouldBeGreaterThanOrEqualTo(Pause, "renewals are told no more often");
                }

                if (!isTyping)
                {
                    Told.Remove(lease.Typist).ShouldBeTrue("an end is told only to who was told of a start");
                }

                _toldAt[lease.Typist] = now;
            }

            return step.State;
        }
    }

    private abstract record Event
    {
        public abstract TypingStep On(ConversationTyping state, DateTimeOffset now);

        public abstract void On(Model model, DateTimeOffset now);
    }

    private sealed record Types(UserId User, DeviceId? Device) : Event
    {
        public override TypingStep On(ConversationTyping state, DateTimeOffset now) =>
            state.On(new TypingCommand(User, Device, true, PrivacyRule.Default), now, Ttl);

        public override void On(Model model, DateTimeOffset now)
        {
            if (model.Participants.Contains(User))
            {
                model.Ends(User, typing => typing.Device == Device);
                model.Typing[User] = [.. model.Typing.GetValueOrDefault(User, []), (Device, now + Ttl)];
            }
        }
    }

    private sealed record Stops(UserId User, DeviceId? Device) : Event
    {
        public override TypingStep On(ConversationTyping state, DateTimeOffset now) =>
            state.On(new TypingCommand(User, Device, false, PrivacyRule.Default), now, Ttl);

        public override void On(Model model, DateTimeOffset now) => model.Ends(User, typing => Device is null || typing.Device == Device);
    }

    private sealed record Disconnects(UserId User, DeviceId Device) : Event
    {
        public override TypingStep On(ConversationTyping state, DateTimeOffset now) => state.EndOf(User, Device, now);

        public override void On(Model model, DateTimeOffset now) => model.Ends(User, typing => typing.Device == Device);
    }

    private sealed record Changes(ImmutableHashSet<UserId> Participants) : Event
    {
        public override TypingStep On(ConversationTyping state, DateTimeOffset now) => state.WithParticipants(Participants);

        public override void On(Model model, DateTimeOffset now)
        {
            model.Participants = [.. Participants];
            foreach (var user in model.Typing.Keys.Except(Participants).ToList())
            {
                model.Typing.Remove(user);
            }
        }
    }
}
