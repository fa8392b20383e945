using Presence.Core.Contacts;
using Presence.Core.Errors;
using Xunit.Abstractions;

namespace Presence.Specs.Sql;

public sealed class ContactsInSqliteSpecs(ITestOutputHelper output) : ContactDirectorySpecs(null, output);

[Collection("postgres")]
public sealed class ContactsInPostgresSpecs(PostgresServer server, ITestOutputHelper output) : ContactDirectorySpecs(server, output);

/// <summary>What every contact directory does.</summary>
public abstract class ContactDirectorySpecs(PostgresServer? server, ITestOutputHelper output) : StoreSpecs(server)
{
    private IContactDirectory Contacts => Store.Get<IContactDirectory>();

    [SkippableFact]
    public async Task Each_of_two_contacts_has_the_other()
    {
        (await Contacts.Add(User("a"), User("b"), None)).ShouldBe(Users("a", "b"), ignoreOrder: true);

        (await ListOf("a")).ShouldBe(["b"]);
        (await ListOf("b")).ShouldBe(["a"]);
    }

    [SkippableFact]
    public async Task Contacts_made_again_change_nobody()
    {
        await Contacts.Add(User("a"), User("b"), None);

        (await Contacts.Add(User("b"), User("a"), None)).ShouldBeEmpty();
        (await ListOf("a")).ShouldBe(["b"]);
    }

    [SkippableFact]
    public async Task Contacts_ended_by_one_are_ended_for_both()
    {
        await Contacts.Add(User("a"), User("b"), None);
        await Contacts.Add(User("a"), User("c"), None);

        (await Contacts.Remove(User("b"), User("a"), None)).ShouldBe(Users("a", "b"), ignoreOrder: true);

        (await ListOf("a")).ShouldBe(["c"]);
        (await ListOf("b")).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task Ending_what_was_not_changes_nobody() => (await Contacts.Remove(User("a"), User("b"), None)).ShouldBeEmpty();

    [SkippableFact]
    public async Task Nobody_is_their_own_contact()
    {
        (await Contacts.Add(User("a"), User("a"), None)).ShouldBeEmpty();
        (await Replace(("a", ["a", "b"]))).ShouldBe(["a", "b"]);

        (await ListOf("a")).ShouldBe(["b"]);
    }

    [SkippableFact]
    public async Task A_list_replaces_the_whole_of_the_one_before_and_tells_exactly_whom_it_changed()
    {
        await Replace(("a", ["b", "c"]), ("z", ["y"]));

        (await Replace(("a", ["c", "d"]), ("z", ["y"]))).ShouldBe(["a", "b", "d"]);

        (await ListOf("a")).ShouldBe(["c", "d"]);
        (await ListOf("b")).ShouldBeEmpty();
        (await ListOf("c")).ShouldBe(["a"]);
        (await ListOf("d")).ShouldBe(["a"]);
    }

    [SkippableFact]
    public async Task Lists_are_read_in_their_order_up_to_a_number_of_contacts_and_go_on_behind_the_last()
    {
        await Replace(("z", ["a", "b", "c"]), ("m", ["d", "e"]), ("n", ["f", "g"]));

        var first = await Contacts.LoadPart(Users("z", "nobody", "m", "n"), null, 4, None);
        first.Cut.ShouldBe(User("m"));
        first.Lists[User("z")].ShouldBe(Users("a", "b", "c"));
        first.Lists[User("m")].ShouldBe(Users("d"));

        var next = await Contacts.LoadPart(Users("m"), User("d"), 4, None);
        next.Cut.ShouldBeNull();
        next.Lists[User("m")].ShouldBe(Users("e"));

        (await Contacts.LoadPart(Users("z", "m", "n"), null, 7, None)).Cut.ShouldBeNull();
        (await Contacts.LoadPart(Users("z", "m", "n"), null, 3, None)).Cut.ShouldBe(User("z"), "it may have more");
    }

    [SkippableFact]
    public async Task Of_many_pairs_those_are_found_who_are_contacts()
    {
        await Replace(("a", ["b", "c"]));

        (
            await Contacts.Among([(User("a"), User("b")), (User("c"), User("a")), (User("b"), User("c")), (User("x"), User("y"))], None)
        ).ShouldBe([(User("a"), User("b")), (User("c"), User("a"))], ignoreOrder: true);
    }

    [SkippableFact]
    public async Task An_empty_list_ends_all_contacts()
    {
        await Replace(("a", ["b", "c"]));

        (await Replace(("a", []))).ShouldBe(["a", "b", "c"]);
        (await ListOf("b")).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task Of_two_lists_about_the_same_pair_the_later_holds()
    {
        (await Replace(("a", ["b"]), ("b", []))).ShouldBeEmpty();
        (await Replace(("b", []), ("a", ["b"]))).ShouldBe(["a", "b"]);
        (await Replace(("a", []), ("a", ["b"]))).ShouldBeEmpty();

        (await ListOf("b")).ShouldBe(["a"]);
    }

    [SkippableFact]
    public async Task A_contact_named_twice_in_a_list_is_one()
    {
        await Replace(("a", ["b", "b"]));

        (await ListOf("a")).ShouldBe(["b"]);
    }

    [SkippableFact]
    public async Task Ids_are_compared_byte_by_byte()
    {
        await Replace(("a", ["B"]), ("A", ["b"]));

        (await ListOf("a")).ShouldBe(["B"]);
        (await ListOf("b")).ShouldBe(["A"]);
    }

    [SkippableFact]
    public async Task Many_lists_are_read_at_once_and_only_those_asked_for()
    {
        await Replace(("a", ["b"]), ("c", ["d"]));

        var lists = await Contacts.Load(Users("a", "d", "nobody"), None);

        lists.Keys.ShouldBe(Users("a", "d"), ignoreOrder: true);
        (await Contacts.Load([], None)).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task A_list_of_many_thousands_is_stored_whole()
    {
        var many = Enumerable.Range(0, 9_876).Select(number => $"user-{number:00000}").ToArray();

        (await Replace(("a", many))).Count.ShouldBe(many.Length + 1);

        (await ListOf("a")).ShouldBe(many);
        (await ListOf("user-09875")).ShouldBe(["a"]);
    }

    [SkippableFact]
    public async Task Writers_that_cross_leave_whole_pairs()
    {
        var writers = Enumerable
            .Range(0, 40)
            .Select(number => number % 2 == 0 ? Replace(("a", ["b", "c"])) : Replace(("b", []), ("c", ["b"])));

        await Task.WhenAll(writers);

        var rows = await Store.Query("select user_id, contact_id from contacts order by 1, 2");
        rows.ShouldBe(rows.Select(row => string.Join('|', row.Split('|').Reverse())), ignoreOrder: true);
    }

    [SkippableFact]
    public async Task Any_lists_in_any_order_come_to_what_they_say()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("PRESENCE_SPEC_SEED"), out var given) ? given : Random.Shared.Next();
        output.WriteLine($"PRESENCE_SPEC_SEED={seed}");
        var random = new Random(seed);
        var pairs = new HashSet<(string, string)>();
        for (var round = 0; round < 30; round++)
        {
            var lists = Enumerable
                .Range(0, random.Next(1, 6))
                .Select(_ => (User: Names(random, 1)[0], Contacts: Names(random, random.Next(5))))
                .ToArray();
            var before = pairs.ToHashSet();
            foreach (var (user, contacts) in lists)
                Take(pairs, user, contacts);

            var changed = before.Except(pairs).Concat(pairs.Except(before)).Select(pair => pair.Item1).Distinct();
            (await Replace(lists)).ShouldBe(changed, ignoreOrder: true);
        }

        (await Store.Query("select user_id, contact_id from contacts")).ShouldBe(
            pairs.Select(pair => $"{pair.Item1}|{pair.Item2}"),
            ignoreOrder: true
        );
    }

    [SkippableFact]
    public async Task A_user_has_so_many_contacts_and_no_more_also_by_others_who_name_the_user()
    {
        var most = ListLimits.Default.Contacts;
        await Replace(("a", [.. Enumerable.Range(0, most).Select(number => $"c{number}")]));

        (await Should.ThrowAsync<ListFullException>(() => Contacts.Add(User("b"), User("a"), None))).Message.ShouldBe(
            $"a would have more than {most} contacts"
        );
        // Nothing of a refused write is stored, and what is there already is no new contact.
        await Should.ThrowAsync<ListFullException>(() => Replace(("d", ["e"]), ("b", ["a", "d"])));
        (await ListOf("b")).ShouldBeEmpty();
        (await ListOf("d")).ShouldBeEmpty();
        (await Replace(("c7", ["a", "e"]))).ShouldBe(["c7", "e"]);

        await Contacts.Remove(User("a"), User("c1"), None);
        (await Contacts.Add(User("b"), User("a"), None)).ShouldBe(Users("a", "b"), ignoreOrder: true);
    }

    [SkippableFact]
    public async Task A_list_that_is_too_long_already_is_read_and_can_be_shortened()
    {
        var most = ListLimits.Default.Contacts;
        await Replace(("a", [.. Enumerable.Range(0, most).Select(number => $"c{number}")]));
        await Store.Execute("insert into contacts (user_id, contact_id) values ('a', 'x'), ('x', 'a')");

        (await ListOf("a")).Count().ShouldBe(most + 1);
        (await Contacts.Add(User("x"), User("y"), None)).ShouldBe(Users("x", "y"), ignoreOrder: true);
        (await Replace(("x", ["y"]))).ShouldBe(["a", "x"]);
        (await ListOf("a")).Count().ShouldBe(most);
    }

    private static string[] Names(Random random, int count) => random.GetItems(["a", "b", "c", "d", "e"], count);

    private static void Take(HashSet<(string, string)> pairs, string user, string[] contacts)
    {
        pairs.RemoveWhere(pair => pair.Item1 == user || pair.Item2 == user);
        foreach (var contact in contacts.Where(contact => contact != user))
        {
            pairs.Add((user, contact));
            pairs.Add((contact, user));
        }
    }

    private async Task<List<string>> Replace(params (string User, string[] Contacts)[] lists)
    {
        var changed = await Contacts.Replace([.. lists.Select(list => new ContactList(User(list.User), Users(list.Contacts)))], None);
        return [.. changed.Select(user => user.Value).Order(StringComparer.Ordinal)];
    }

    private async Task<IEnumerable<string>> ListOf(string user) =>
        (await Contacts.Load(Users(user), None)).GetValueOrDefault(User(user), []).Select(contact => contact.Value);
}
