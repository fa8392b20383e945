using Presence.Core.Sessions;
using Presence.Core.Users;

namespace Presence.Actors.Sessions;

/// <summary>The changes of sessions that wait to be stored, in their order for each device. Users take turns, and so do the devices of one: whoever has much waiting waits the longer, and nobody else does.</summary>
/// <param name="most">The most bytes that wait.</param>
/// <param name="mostOfUser">The most of one user.</param>
internal sealed class SessionBacklog(int most, int mostOfUser)
{
    /// <summary>Changes of a device are put together up to that size: one write of it stays small.</summary>
    public const int LargestMerged = 16 * 1024;

    private readonly Dictionary<UserId, OfUser> _users = [];
    private readonly Queue<UserId> _turns = [];

    /// <summary>What waits, in bytes.</summary>
    public int Bytes { get; private set; }

    /// <summary>Whether nothing waits.</summary>
    public bool IsEmpty => _users.Count == 0;

    /// <summary>Puts the change behind what waits of its device. False where that is too much: then none of the device is kept, and what comes of that session later applies to nothing that is stored.</summary>
    public bool Add(SessionChange change)
    {
        if (!_users.TryGetValue(change.UserId, out var user))
        {
            _users[change.UserId] = user = new();
            _turns.Enqueue(change.UserId);
        }

        var before = user.Bytes;
        var fits = user.Add(change) && user.Bytes <= mostOfUser && Bytes + user.Bytes - before <= most;
        if (!fits)
        {
            user.Drop(change.DeviceId);
        }

        Bytes += user.Bytes - before;
        ForgetIfEmpty(change.UserId, user);
        return fits;
    }

    /// <summary>Takes as many as weigh so much together, and one at least; of each device one.</summary>
    public IReadOnlyList<SessionChange> Take(int bytes)
    {
        var taken = new List<SessionChange>();
        var devices = new HashSet<(UserId, DeviceId)>();
        var idle = 0;
        while (idle < _turns.Count && _turns.TryPeek(out var id))
        {
            if (!_users.TryGetValue(id, out var user))
            {
                // Dropped since.
                _turns.Dequeue();
                continue;
            }

            if (user.Next(device => devices.Contains((id, device))) is not { } change)
            {
                idle++;
                _turns.Enqueue(_turns.Dequeue());
                continue;
            }

            if (taken.Count > 0 && change.Weight > bytes)
            {
                break;
            }

            (idle, bytes) = (0, bytes - change.Weight);
            _turns.Enqueue(_turns.Dequeue());
            taken.Add(change);
            devices.Add((id, change.DeviceId));
            user.TakeNext(change);
            Bytes -= change.Weight;
            ForgetIfEmpty(id, user);
        }

        return taken;
    }

    /// <summary>Puts back what could not be written, before what came since.</summary>
    public void Return(IReadOnlyList<SessionChange> changes)
    {
        foreach (var change in changes)
        {
            if (!_users.TryGetValue(change.UserId, out var user))
            {
                _users[change.UserId] = user = new();
                _turns.Enqueue(change.UserId);
            }

            user.Return(change);
            Bytes += change.Weight;
        }
    }

    /// <summary>Forgets what waits of the user.</summary>
    public void Drop(UserId id)
    {
        if (_users.Remove(id, out var user))
        {
            Bytes -= user.Bytes;
        }
    }

    private void ForgetIfEmpty(UserId id, OfUser user)
    {
        if (user.IsEmpty)
        {
            _users.Remove(id);
        }
    }

    private sealed class OfUser
    {
        private readonly Dictionary<DeviceId, LinkedList<SessionChange>> _devices = [];
        private readonly LinkedList<DeviceId> _turns = [];

        public int Bytes { get; private set; }

        public bool IsEmpty => _devices.Count == 0;

        /// <summary>False where it does not go on from what waits: something between was dropped.</summary>
        public bool Add(SessionChange change)
        {
            if (change.From is null)
            {
                Drop(change.DeviceId);
            }

            var waiting = Of(change.DeviceId);
            if (waiting.Last is not { Value: var last })
            {
                waiting.AddLast(change);
                Bytes += change.Weight;
                return true;
            }

            if (!change.Follows(last))
            {
                return false;
            }

            Bytes += change.Weight;
            waiting.AddLast(change);
            if (last.Weight + change.Weight <= LargestMerged)
            {
                var both = last.Then(change);
                Bytes += both.Weight - last.Weight - change.Weight;
                waiting.RemoveLast();
                waiting.Last!.Value = both;
            }

            return true;
        }

        public void Return(SessionChange change)
        {
            Of(change.DeviceId).AddFirst(change);
            Bytes += change.Weight;
        }

        public SessionChange? Next(Func<DeviceId, bool> isTaken)
        {
            foreach (var device in _turns)
            {
                if (!isTaken(device))
                {
                    return _devices[device].First!.Value;
                }
            }

            return null;
        }

        public void TakeNext(SessionChange change)
        {
            var waiting = _devices[change.DeviceId];
            waiting.RemoveFirst();
            Bytes -= change.Weight;
            _turns.Remove(change.DeviceId);
            if (waiting.Count == 0)
            {
                _devices.Remove(change.DeviceId);
            }
            else
            {
                _turns.AddLast(change.DeviceId);
            }
        }

        public void Drop(DeviceId device)
        {
            if (_devices.Remove(device, out var waiting))
            {
                _turns.Remove(device);
                Bytes -= waiting.Sum(change => change.Weight);
            }
        }

        private LinkedList<SessionChange> Of(DeviceId device)
        {
            if (!_devices.TryGetValue(device, out var waiting))
            {
                _devices[device] = waiting = [];
                _turns.AddLast(device);
            }

            return waiting;
        }
    }
}
