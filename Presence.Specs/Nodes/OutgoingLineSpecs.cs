using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Presence.Actors.Events;
using Presence.Actors.Nodes;
using Presence.Actors.Serialization;
using Presence.Actors.Users;
using Presence.Core.Events;
using Presence.Core.Users;

namespace Presence.Specs.Nodes;

/// <summary>What waits for a node, and how much of it goes out at once, in bytes.</summary>
public sealed class OutgoingLineSpecs
{
    private static readonly EventPayload Large = new($$"""{"text":"{{new string('x', 79_000)}}"}""");

    private readonly OutgoingLine _line = new(
        new UniqueAddress(Address.Parse("akka.tcp://presence@10.0.0.1:1"), 1),
        null!,
        keepsParticipants: true
    );

    [Fact]
    public void A_mail_is_closed_before_it_is_a_sixteenth_of_a_frame()
    {
        _line.Received(0);
        Enumerable.Range(0, 1_000).ToList().ForEach(number => Add(Contacts(60)));

        var mails = TakeAll();

        mails.Sum(mail => mail.Length).ShouldBe(1_000);
        mails.ShouldAllBe(mail => BytesOf(mail) <= OutgoingLine.MailBytes);
    }

    [Fact]
    public void Events_wait_behind_everything_else_and_take_only_their_share_of_the_line()
    {
        _line.Received(0);
        Enumerable.Range(0, 50).ToList().ForEach(_ => Add(Events()));
        Add(Contacts(1));

        var mails = TakeAll();

        mails[0][0].Content.ShouldBeOfType<ContactsAre>();
        mails.Sum(BytesOf).ShouldBeLessThan(OutgoingLine.EventWindowBytes + OutgoingLine.MailBytes);
        Add(Contacts(1));
        TakeAll().ShouldHaveSingleItem().ShouldHaveSingleItem().Content.ShouldBeOfType<ContactsAre>();
        _line.Received(_line.Number);
        TakeAll().ShouldNotBeEmpty();
    }

    [Fact]
    public void What_is_not_received_holds_back_what_follows_and_a_later_receipt_counts_for_all_before_it()
    {
        _line.Received(0);
        Enumerable.Range(0, 2_400).ToList().ForEach(_ => Add(Contacts(60)));

        var first = TakeAll();
        first.Sum(BytesOf).ShouldBeInRange(OutgoingLine.WindowBytes / 2, OutgoingLine.WindowBytes + OutgoingLine.MailBytes);
        _line.HasToldAll.ShouldBeFalse();
        _line.Received(_line.Number);

        (first.Sum(mail => mail.Length) + TakeAll().Sum(mail => mail.Length)).ShouldBe(2_400);
        _line.HasToldAll.ShouldBeTrue();
    }

    [Fact]
    public void A_node_that_gives_no_receipts_is_paced_by_time()
    {
        Enumerable.Range(0, 50).ToList().ForEach(_ => Add(Events()));

        TakeAll().ShouldNotBeEmpty();
        TakeAll().ShouldBeEmpty();
        _line.Pace();
        TakeAll().ShouldNotBeEmpty();
    }

    [Fact]
    public void A_letter_larger_than_a_frame_travels_in_parts_to_a_node_that_knows_them_and_to_another_not_at_all()
    {
        var many = Contacts(130_000);
        Add(many).ShouldBeFalse();
        _line.Received(0);
        Add(many).ShouldBeTrue();

        var serializer = new PresenceSerializer(null!);
        var incoming = new IncomingLine();
        IWireMessage? whole = null;
        while (whole is null)
        {
            var mails = TakeAll();
            mails.ShouldNotBeEmpty();
            mails.ShouldAllBe(mail => BytesOf(mail) <= OutgoingLine.MailBytes);
            foreach (var part in mails.SelectMany(mail => mail))
            {
                whole = incoming.PutTogether((LetterPart)part.Content, serializer);
            }

            _line.Received(_line.Number);
        }

        whole.ShouldBeOfType<ContactsAre>().Contacts.SetEquals(many.Contacts).ShouldBeTrue();
    }

    [Fact]
    public void A_letter_of_which_a_part_is_lost_is_not_put_together()
    {
        _line.Received(0);
        Add(Contacts(20_000));
        var parts = TakeAll().SelectMany(mail => mail).Select(letter => (LetterPart)letter.Content).ToList();
        var incoming = new IncomingLine();
        var serializer = new PresenceSerializer(null!);

        incoming.PutTogether(parts[0], serializer).ShouldBeNull();
        incoming.Lose();

        parts.Count.ShouldBeGreaterThan(1);
        parts.Skip(1).ShouldAllBe(part => incoming.PutTogether(part, serializer) == null);
    }

    [Fact]
    public void What_is_over_the_bound_of_what_waits_leaves_a_number_out()
    {
        var letter = Written(Contacts(5_000));
        var fit = OutgoingLine.MaxWaitingBytes / letter.Written!.Value.Bytes.Length;
        Enumerable.Range(0, fit - 10).ToList().ForEach(_ => _line.Add(letter));
        _line.Number.ShouldBe(0);

        Enumerable.Range(0, 20).ToList().ForEach(_ => _line.Add(letter));

        _line.Number.ShouldBeGreaterThan(0);
    }

    private static ContactsAre Contacts(int many) =>
        new(new("ann"), Enumerable.Range(0, many).Select(number => new UserId($"a-contact-with-a-rather-long-id-{number:D8}")).ToHashSet());

    private static EventsFor Events() =>
        new(
            new("ann"),
            null,
            [new(new("e"), "note", Large, null, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, Durable: true)],
            Number: 1
        );

    private static Letter Written(IWireMessage message) => new(ActorRefs.Nobody, message) { Written = PresenceSerializer.Written(message) };

    private bool Add(IWireMessage message) => _line.Add(Written(message));

    private List<ImmutableArray<Letter>> TakeAll()
    {
        var mails = new List<ImmutableArray<Letter>>();
        while (_line.TryTake(out var letters))
        {
            _line.NextNumber();
            mails.Add(letters);
        }

        return mails;
    }

    private static int BytesOf(ImmutableArray<Letter> mail) => mail.Sum(letter => letter.Written!.Value.Bytes.Length);
}
