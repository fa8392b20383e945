using System.Globalization;
using System.Text;

namespace Presence.Benchmarks.Smoke;

/// <summary>Users in a circle, shuffled by a seed; the contacts of each are the ones next to it on both sides. So each has equally many, and whose contact somebody is follows from two numbers.</summary>
internal sealed class ContactRing
{
    private const string Prefix = "user-";

    private readonly int[] _places;
    private readonly int[] _users;
    private readonly int _reach;

    public ContactRing(int users, int contacts, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(users, contacts + 1);
        ArgumentOutOfRangeException.ThrowIfNotEqual(contacts % 2, 0);
        _reach = contacts / 2;
        _users = [.. Enumerable.Range(0, users)];
        new Random(seed).Shuffle(_users);
        _places = new int[users];
        for (var place = 0; place < users; place++)
        {
            _places[_users[place]] = place;
        }
    }

    /// <summary>How many users.</summary>
    public int Users => _users.Length;

    /// <summary>How many contacts each has.</summary>
    public int Contacts => _reach * 2;

    /// <summary>How many unordered pairs.</summary>
    public int Pairs => Users * _reach;

    /// <summary>The id of a user.</summary>
    public static string Id(int user) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{user:D5}");

    /// <summary>The user of an id; -1 for any other text.</summary>
    public static int UserOf(ReadOnlySpan<byte> id) =>
        id.StartsWith("user-"u8) && int.TryParse(id[Prefix.Length..], CultureInfo.InvariantCulture, out var user) ? user : -1;

    /// <summary>The contacts of a user.</summary>
    public IEnumerable<int> ContactsOf(int user)
    {
        for (var step = 1; step <= _reach; step++)
        {
            yield return _users[(_places[user] + step) % Users];
            yield return _users[(_places[user] - step + Users) % Users];
        }
    }

    /// <summary>All of it as <c>POST /import</c> takes it.</summary>
    public string Lines()
    {
        var lines = new StringBuilder();
        for (var user = 0; user < Users; user++)
        {
            var contacts = string.Join(',', ContactsOf(user).Select(contact => $"\"{Id(contact)}\""));
            lines.Append(CultureInfo.InvariantCulture, $$"""{"user_id":"{{Id(user)}}","contacts":[{{contacts}}]}""").Append('\n');
        }

        return lines.ToString();
    }

    /// <summary>The contact that <see cref="SlotOf"/> names so.</summary>
    public int ContactIn(int user, int slot)
    {
        var step = (slot / 2) + 1;
        return _users[(_places[user] + (slot % 2 == 0 ? step : Users - step)) % Users];
    }

    /// <summary>Which of the user's contacts that is, from 0; -1: none of them.</summary>
    public int SlotOf(int user, int contact)
    {
        var ahead = (_places[contact] - _places[user] + Users) % Users;
        var behind = Users - ahead;
        return ahead == 0 ? -1
            : ahead <= _reach ? (ahead - 1) * 2
            : behind <= _reach ? ((behind - 1) * 2) + 1
            : -1;
    }
}
