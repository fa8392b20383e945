using Presence.Core.Contacts;
using Presence.Core.Conversations;
using Presence.Core.Errors;

namespace Presence.Specs.Sql;

public sealed class ParticipantsInSqliteSpecs() : ConversationDirectorySpecs(null);

[Collection("postgres")]
public sealed class ParticipantsInPostgresSpecs(PostgresServer server) : ConversationDirectorySpecs(server);

/// <summary>What every conversation directory does.</summary>
public abstract class ConversationDirectorySpecs(PostgresServer? server) : StoreSpecs(server)
{
    private IConversationDirectory Conversations => Store.Get<IConversationDirectory>();

    [SkippableFact]
    public async Task A_user_who_was_added_takes_part()
    {
        (await Conversations.Add(Room("r"), User("a"), None)).ShouldBe([Room("r")]);

        (await In("r")).ShouldBe(["a"]);
    }

    [SkippableFact]
    public async Task Adding_or_removing_once_more_changes_no_conversation()
    {
        await Conversations.Add(Room("r"), User("a"), None);

        (await Conversations.Add(Room("r"), User("a"), None)).ShouldBeEmpty();
        (await Conversations.Remove(Room("r"), User("a"), None)).ShouldBe([Room("r")]);
        (await Conversations.Remove(Room("r"), User("a"), None)).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task Who_leaves_one_conversation_stays_in_the_others()
    {
        await Replace(("r", ["a", "b"]), ("s", ["a"]));

        await Conversations.Remove(Room("r"), User("a"), None);

        (await In("r")).ShouldBe(["b"]);
        (await In("s")).ShouldBe(["a"]);
    }

    [SkippableFact]
    public async Task A_set_replaces_the_whole_and_tells_exactly_which_it_changed()
    {
        await Replace(("r", ["a", "b"]), ("s", ["a"]), ("t", ["c"]));

        (await Replace(("r", ["b", "c"]), ("s", ["a"]), ("t", []))).ShouldBe(["r", "t"]);

        (await In("r")).ShouldBe(["b", "c"]);
        (await In("t")).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task Of_two_sets_of_the_same_conversation_the_later_holds()
    {
        (await Replace(("r", ["a", "b"]), ("r", ["b", "b"]))).ShouldBe(["r"]);

        (await In("r")).ShouldBe(["b"]);
    }

    [SkippableFact]
    public async Task Ids_are_compared_byte_by_byte()
    {
        await Replace(("r", ["a"]), ("R", ["A"]));

        (await In("R")).ShouldBe(["A"]);
    }

    [SkippableFact]
    public async Task Many_sets_are_read_at_once_and_only_those_asked_for()
    {
        await Replace(("r", ["a"]), ("s", ["b"]), ("t", ["c"]));

        (await Conversations.Load([Room("r"), Room("t"), Room("none")], None)).Keys.ShouldBe([Room("r"), Room("t")], ignoreOrder: true);
        (await Conversations.Load([], None)).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task A_set_of_many_thousands_is_stored_whole()
    {
        var many = Enumerable.Range(0, 9_876).Select(number => $"user-{number:00000}").ToArray();

        await Replace(("r", many));

        (await In("r")).ShouldBe(many);
    }

    [SkippableFact]
    public async Task A_conversation_has_so_many_participants_and_no_more()
    {
        var most = ListLimits.Default.Participants;
        await Replace(("r", [.. Enumerable.Range(0, most).Select(number => $"u{number}")]));

        (await Should.ThrowAsync<ListFullException>(() => Conversations.Add(Room("r"), User("x"), None))).Message.ShouldBe(
            $"r would have more than {most} participants"
        );
        (await In("r")).Count().ShouldBe(most);

        await Conversations.Remove(Room("r"), User("u1"), None);
        (await Conversations.Add(Room("r"), User("x"), None)).ShouldBe([Room("r")]);
    }

    private async Task<List<string>> Replace(params (string Conversation, string[] Users)[] lists)
    {
        var changed = await Conversations.Replace(
            [.. lists.Select(list => new ParticipantList(Room(list.Conversation), Users(list.Users)))],
            None
        );
        return [.. changed.Select(conversation => conversation.Value).Order(StringComparer.Ordinal)];
    }

    private async Task<IEnumerable<string>> In(string conversation) =>
        (await Conversations.Load([Room(conversation)], None)).GetValueOrDefault(Room(conversation), []).Select(user => user.Value);
}
