using Akka.Actor;
using Presence.Actors.Loading;
using Presence.Core.Users;

namespace Presence.Actors.Users;

/// <content>The user's contacts. To be watched, or read by one whom the rule lets see it without being a contact, an entity doesn't need them: they are read when a connection is attached.</content>
public sealed partial class UserActor
{
    /// <summary>Null until they are read; from then on the loader tells of each change.</summary>
    private IReadOnlySet<UserId>? _contacts;
    private bool _contactsAsked;

    /// <summary>
    /// Waits for the contacts, in order: what is attached, and what concerns devices behind it.
    /// No connection is attached without the contacts; so what is refused when they can't be read had no effect.
    /// </summary>
    private bool AwaitsContacts(object message)
    {
        var (needsContacts, needsDevices) = (NeedsContacts(message) && _contacts is null, NeedsDevices(message) && _known is null);
        if (!needsContacts && !needsDevices && !(_stashed > 0 && IsOfDevices(message)))
        {
            return false;
        }

        Want(needsContacts, needsDevices);
        StashOrRefuse(message);
        return true;
    }

    private static bool NeedsContacts(object message) => Content(message) is AttachDevice or GetTypingSeenBy;

    private static bool IsOfDevices(object message) => Content(message) is DetachDevice or DeviceHeard or RemoveDevice or DisconnectUser;

    private static object Content(object message) => message is Request request ? request.Message : message;

    private void Want(bool contacts, bool devices)
    {
        if (contacts && !_contactsAsked)
        {
            _contactsAsked = true;
            _services.Loader.Tell(new LoadContacts(_id));
        }

        if (devices && _devicesAsked is null)
        {
            _devicesAsked = ++_lastRead;
            _services.Loader.Tell(new LoadDevices(_id, _lastRead));
        }
    }

    private void OnContacts(IReadOnlySet<UserId> contacts)
    {
        var (before, hasWaited) = (_contacts, _contacts is null);
        _contacts = contacts;
        if (hasWaited)
        {
            UnstashAll();
        }
        else if (!before!.SetEquals(contacts))
        {
            foreach (var hub in Hubs)
            {
                _services.Hubs.Tell(hub, new ContactsAre(_id, contacts), Self);
            }
        }
    }

    private void OnContactsUnread()
    {
        _contactsAsked = false;
        RefuseStashed();
    }
}
