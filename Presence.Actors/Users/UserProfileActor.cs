using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Presence.Actors.Loading;
using Presence.Actors.Nodes;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Actors.Users;

/// <summary>To the profile: decide this and store it.</summary>
/// <param name="Message">An <see cref="UpdatePresence"/> or a <see cref="SetPrivacy"/>.</param>
/// <param name="Write">The parent's number for it.</param>
/// <param name="Seen">The record that others see now.</param>
/// <param name="Version">The version that a change would have.</param>
internal sealed record Choose(IUserMessage Message, long Write, PresenceRecord Seen, long Version) : IChildMessage;

/// <summary>The journal has it; or nothing had to be stored.</summary>
internal sealed record Chosen(long Write, Profile Profile, long Sequence) : IChildMessage;

/// <summary>Refused; nothing was stored.</summary>
internal sealed record ChoiceRefused(long Write, Refusal Refusal) : IChildMessage;

/// <summary>What the journal says; told once, after recovery.</summary>
internal sealed record ProfileRecovered(Profile Profile, long Sequence) : IChildMessage;

/// <summary>Nothing was chosen for a while.</summary>
internal sealed record ProfileIdle : IChildMessage, IDeadLetterSuppression
{
    public static ProfileIdle Instance { get; } = new();
}

/// <summary>To the profile: stop. Its parent sends nothing after it.</summary>
internal sealed record StopProfile : IChildMessage
{
    public static StopProfile Instance { get; } = new();
}

/// <summary>Owns the journal of what one person chose: decides, persists, applies, tells the user's entity, its parent.</summary>
/// <remarks>Lives only while there is something to write, since a recovery costs a hundred times what the loader's query costs. A journal that fails or rejects stops it, with nothing told: the parent answers <c>unavailable</c>, and the next choice recovers anew what really was stored.</remarks>
public sealed class UserProfileActor : UntypedPersistentActor
{
    private static readonly TimeSpan IdleAfter = TimeSpan.FromSeconds(10);

    private readonly UserId _user;
    private readonly IActorRef _writer;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private Profile _profile = Profile.Empty;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public UserProfileActor(UserId user, IActorRef writer)
    {
        _user = user;
        _writer = writer;
    }

    /// <summary>The profile of a user.</summary>
    public static Props Props(UserId user, IActorRef writer) => Akka.Actor.Props.Create(() => new UserProfileActor(user, writer));

    /// <summary>The journal's key of a user's profile.</summary>
    public static string PersistenceIdOf(UserId user) => $"user-{user.Value}";

    /// <inheritdoc/>
    public override string PersistenceId => PersistenceIdOf(_user);

    private static DateTimeOffset Wall => NodeClock.Of(Context.System).Wall;

    /// <inheritdoc/>
    protected override void OnCommand(object message)
    {
        switch (message)
        {
            case Choose choose:
                OnChoose(choose);
                break;
            case ReceiveTimeout:
                Context.Parent.Tell(ProfileIdle.Instance);
                break;
            case StopProfile:
                Context.Stop(Self);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void OnRecover(object message)
    {
        switch (message)
        {
            case IProfileFact fact:
                _profile = _profile.Apply(fact);
                break;
            case RecoveryCompleted:
                Context.SetReceiveTimeout(IdleAfter);
                Context.Parent.Tell(new ProfileRecovered(_profile, LastSequenceNr));
                Project();
                break;
        }
    }

    private void OnChoose(Choose choose)
    {
        var decision = choose.Message switch
        {
            UpdatePresence update => ProfileRules.Decide(_profile, update.Update, choose.Seen, choose.Version, Wall),
            SetPrivacy privacy => ProfileRules.Decide(_profile, privacy.Rule, NodeClock.Of(Context.System).SharedTime),
            _ => throw new InvalidOperationException($"nothing to choose in a {choose.Message.GetType().Name}"),
        };

        if (decision.Refusal is { } refusal)
        {
            Context.Parent.Tell(new ChoiceRefused(choose.Write, refusal));
            return;
        }

        var left = decision.Facts.Count;
        if (left == 0)
        {
            Context.Parent.Tell(new Chosen(choose.Write, _profile, LastSequenceNr));
            return;
        }

        PersistAll(
            decision.Facts,
            fact =>
            {
                _profile = _profile.Apply(fact);
                if (--left == 0)
                {
                    Context.Parent.Tell(new Chosen(choose.Write, _profile, LastSequenceNr));
                    Project();
                }
            }
        );
    }

    private void Project()
    {
        if (LastSequenceNr > 0)
        {
            _writer.Tell(new WriteProfile(new(_user, _profile, LastSequenceNr)));
        }
    }

    /// <inheritdoc/>
    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) =>
        _log.Warning("The journal of {0} failed: {1}", PersistenceId, cause.Message);

    /// <summary>Connection errors can come back as rejections (akka.net 7299), after which the actor would go on as if nothing were: it stops here as well.</summary>
    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        _log.Warning("The journal of {0} rejected a fact: {1}", PersistenceId, cause.Message);
        Context.Stop(Self);
    }

    /// <inheritdoc/>
    protected override void OnRecoveryFailure(Exception reason, object? message = null) =>
        _log.Warning("The journal of {0} could not be read: {1}", PersistenceId, reason.Message);
}
