using Akka.Event;
using Presence.Actors;
using Presence.Actors.Nodes;
using Presence.Actors.Users;
using Presence.Adapters.WebSocket.Connections;
using Presence.Core.Users;
using Presence.Host;
using Presence.Specs.World;

namespace Presence.Specs.Nodes;

/// <summary>What goes wrong is counted, each as the operators' page says.</summary>
public sealed class CountedFaultsSpecs : ActorSpec
{
    [Fact]
    public void An_entity_that_ends_is_asked_anew_and_how_long_it_took_is_measured()
    {
        World.Pair("ann", "bob");
        World.Connect("ann");
        World.Connect("bob");
        using var asked = new Counted(World.Counters.Resubscriptions);
        var took = new List<double>();
        using var listener = new System.Diagnostics.Metrics.MeterListener();
        listener.SetMeasurementEventCallback<double>((_, seconds, _, _) => took.Add(seconds));
        listener.EnableMeasurementEvents(World.Counters.HandOver);

        World.Kill("bob");
        World.Advance(5);

        asked.Sum.ShouldBe(1);
        took.ShouldHaveSingleItem().ShouldBeLessThan(5);
    }

    [Fact]
    public void A_profile_whose_row_is_behind_its_journal_is_counted()
    {
        World.Choose("ann", OnlineStatus.Busy);
        World.Advance(1);
        World.Store.Profiles.Clear();
        World.Kill("ann");
        using var recovered = new Counted(World.Counters.ProfileRecoveries);

        World.Own("ann").Owner!.SetStatus.ShouldBe(OnlineStatus.Busy);

        recovered.Sum.ShouldBe(1);
    }

    [Fact]
    public void A_choice_that_is_answered_unavailable_is_counted()
    {
        World.Journal.Writes = JournalMood.Fails;
        using var unavailable = new Counted(World.Counters.UnavailableWrites);

        PresenceWorld.IsUnavailable(World.Choose("ann", OnlineStatus.Busy)).ShouldBeTrue();

        unavailable.Sum.ShouldBe(1);
    }

    [Fact]
    public void A_message_that_reaches_nobody_is_counted()
    {
        using var dead = new Counted(World.Counters.DeadLetters);
        Sys.ActorOf(DeadLetterCounter.Props(World.Counters));

        Sys.EventStream.Publish(new DeadLetter(Done.Instance, Sys.DeadLetters, Sys.DeadLetters));

        dead.Sum.ShouldBe(1);
    }

    [Fact]
    public void A_message_that_is_too_large_to_be_sent_is_counted()
    {
        using var oversized = new Counted(World.Counters.Oversized);
        var type = System.Reflection.Assembly.Load("Akka.Remote").GetType("Akka.Remote.OversizedPayloadException", throwOnError: true)!;
        const System.Reflection.BindingFlags Any =
            System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic;
        var cause = (Exception)Activator.CreateInstance(type, Any, null, ["too large"], null)!;
        var filter = new OversizedFilter(World.Counters);

        filter.ShouldKeepMessage(new Error(cause, "transport", typeof(object), "dropped")).ShouldBe(LogFilterDecision.Keep);
        filter.ShouldKeepMessage(new Error(cause, "transport", typeof(object), "dropped")).ShouldBe(LogFilterDecision.Drop);

        oversized.Sum.ShouldBe(2);
    }

    [Fact]
    public void A_fault_of_our_own_in_a_connection_is_counted_and_a_lost_one_is_not()
    {
        using var counters = new NodeCounters();
        using var faults = new Counted(counters.Faults);
        var log = new ConnectionLog(null, counters);

        log.Unexpected(new IOException("reset by peer"));
        log.Unexpected(new System.Net.WebSockets.WebSocketException("it is gone"));
        log.Unexpected(new OperationCanceledException());
        faults.Sum.ShouldBe(0);

        log.Unexpected(new InvalidOperationException("a fault"));
        log.Unexpected(new NullReferenceException());
        faults.Sum.ShouldBe(2);
    }
}
