namespace Presence.Actors.Hub;

/// <content>What was not answered is asked again, at growing pauses; all of it soon, when something that was out of reach is heard of again.</content>
public sealed partial class HubActor
{
    /// <summary>Longer than an entity takes to begin on another node. Until then all cursors wait for it; from then on those of its watchers say nothing, and the others go on.</summary>
    private static readonly TimeSpan DoubtAfter = TimeSpan.FromSeconds(10);

    private bool _back;
    private TimeSpan _backAt;

    private void AskForWatched(TimeSpan now)
    {
        foreach (var watched in _asked)
        {
            if (!watched.IsDoubtful && now - watched.AskedSince >= DoubtAfter)
            {
                watched.GivenUp = true;
                foreach (var viewer in watched.Viewers.Where(viewer => viewer.Unknown++ == 0))
                {
                    TellKnown(viewer);
                }
            }

            if (watched.Retry.IsDue(now - watched.AskedAt!.Value, awaited: watched.Waiting.Count > 0))
            {
                Ask(watched);
            }
        }
    }

    private static void TrustAgain(WatchedUser watched)
    {
        if (!watched.GivenUp)
        {
            return;
        }

        watched.GivenUp = false;
        foreach (var viewer in watched.Viewers.Where(viewer => --viewer.Unknown == 0))
        {
            TellKnown(viewer);
        }
    }

    private void NoteHeard(Retry retry)
    {
        _back |= retry.IsLong;
        retry.Answered();
    }

    /// <summary>At most once a second, however many are heard of one after the other.</summary>
    private void AskSoonWhatIsBack(TimeSpan now)
    {
        if (!_back || now - _backAt < AskAgain)
        {
            return;
        }

        (_back, _backAt) = (false, now);
        foreach (var retry in Retries())
        {
            retry.Soon();
        }
    }

    private IEnumerable<Retry> Retries() =>
        _asked
            .Select(watched => watched.Retry)
            .Concat(_attaching.Select(socket => socket.Retry))
            .Concat(_detaching.Values.Select(detaching => detaching.Retry))
            .Concat(_requests.Retries);
}
