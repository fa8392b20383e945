using Akka.Actor;
using Presence.Actors.Loading;
using Presence.Actors.Users;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Actors.Hub;

/// <content>A user is erased.</content>
public sealed partial class HubActor
{
    /// <summary>The shared clock of the entity's node and of this one may differ by that much.</summary>
    private static readonly TimeSpan ForgetSlack = TimeSpan.FromSeconds(2);

    /// <summary>Closes its sockets. The writer is told after all that this hub had it write, so that nothing of it comes after its answer.</summary>
    private void OnForget(ForgetUser forget, ReplyTo replyTo)
    {
        foreach (var socket in _local.GetValueOrDefault(forget.UserId)?.Sockets.ToList() ?? [])
        {
            // Told again late, it is not to close what is of the next life.
            if (socket.OpenedAt <= forget.At + ForgetSlack)
            {
                Close(socket, CloseReason.Forbidden);
            }
        }

        _services.Writer.Tell(new DropUser(forget.UserId, replyTo));
    }

    /// <summary>Whoever saw something is pushed an offline; to the others nothing happened. Nothing is left of what was known but the version under which that was told.</summary>
    private void OnErased(UserErased erased)
    {
        if (!_watched.TryGetValue(erased.UserId, out var watched) || IsReplaced(erased.Epoch, watched.Epoch))
        {
            return;
        }

        var nothing = PresenceRecord.Unknown(watched.Id);
        var saw = watched.Viewers.Where(viewer => viewer.Ready && !watched.Shown(watched.SightOf(viewer)).ShowsTheSame(nothing)).ToList();
        watched.Forget(erased.Epoch);
        ReadOnlyMemory<byte>? frame = null;
        foreach (var viewer in saw)
        {
            var version = Math.Max(erased.Version, viewer.ToldAlone + 1);
            TellAlone(watched, viewer, version);
            var push =
                version == erased.Version ? frame ??= Offline(watched.Id, version, erased.At) : Offline(watched.Id, version, erased.At);
            viewer.Connection.DeliverPresence(watched.Id, push);
            Touch(viewer);
        }
    }

    private ReadOnlyMemory<byte> Offline(UserId user, long version, DateTimeOffset at) =>
        _services.Encoder.PresenceUpdate(PresenceRecord.LostSight(user, version, at), at);
}
