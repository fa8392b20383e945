using Akka.Configuration;
using Akka.Event;
using Akka.TestKit.Xunit2;
using Presence.Actors;

namespace Presence.Specs.World;

/// <summary>Specs of actors: time is virtual, and all actors run on the spec's own thread, so that a tell returns when everything that follows from it has happened.</summary>
/// <remarks>Serialization is strict, and every message that is not local by its own word is written and read. A message that nobody handles, and an exception in an actor, fail the spec.</remarks>
public abstract class ActorSpec : TestKit
{
    private const string Settings = """
        akka {
          loglevel = WARNING
          stdout-loglevel = OFF
          loggers = []
          log-dead-letters = off
          scheduler.implementation = "Presence.Specs.World.SpecScheduler, Presence.Specs"
          actor {
            serialize-messages = on
            default-dispatcher {
              type = "Akka.TestKit.CallingThreadDispatcherConfigurator, Akka.TestKit"
              throughput = 2147483647
            }
            internal-dispatcher {
              type = "Akka.TestKit.CallingThreadDispatcherConfigurator, Akka.TestKit"
              throughput = 2147483647
            }
            serialization-settings.allow-unregistered-types = off
            serializers {
              presence = "Presence.Actors.Serialization.PresenceSerializer, Presence.Actors"
              local = "Presence.Specs.World.LocalSerializer, Presence.Specs"
            }
            serialization-bindings {
              "Presence.Actors.Users.IWireMessage, Presence.Actors" = presence
              "Presence.Core.Users.IProfileFact, Presence.Core" = presence
              # Akka's own, which never leave a process and don't say so.
              "Akka.Actor.PoisonPill, Akka" = local
              "Akka.Actor.ReceiveTimeout, Akka" = local
              "Akka.Cluster.Sharding.Passivate, Akka.Cluster.Sharding" = local
            }
          }
          persistence {
            journal.plugin = "presence.journal"
          }
        }
        presence.journal {
          class = "Presence.Specs.World.JournalStandIn, Presence.Specs"
          plugin-dispatcher = "akka.actor.default-dispatcher"
        }
        """;

    private readonly List<string> _faults = [];
    private readonly List<Func<string, bool>> _expectedFaults = [];
    private PresenceWorld? _world;

    protected ActorSpec()
        : base(ConfigurationFactory.ParseString(Settings), "presence")
    {
        var listener = Recorder.In(Sys, Note);
        Sys.EventStream.Subscribe(listener.Ref, typeof(Error));
        Sys.EventStream.Subscribe(listener.Ref, typeof(UnhandledMessage));
    }

    /// <summary>Times and limits; changed before the world is first used.</summary>
    protected PresenceOptions Options { get; set; } = new();

    /// <summary>A node without its transport.</summary>
    internal PresenceWorld World => _world ??= new PresenceWorld(Sys, Options);

    /// <summary>What actors failed with, and what nobody handled.</summary>
    private protected IReadOnlyList<string> Faults => _faults;

    /// <summary>Another world in the same actor system, with everything of its own.</summary>
    internal PresenceWorld NewWorld() => _world = new PresenceWorld(Sys, Options);

    /// <summary>The spec makes an actor fail, or sends what nobody handles.</summary>
    protected void ExpectFault(string text) => _expectedFaults.Add(fault => fault.Contains(text, StringComparison.Ordinal));

    protected override void AfterAll()
    {
        base.AfterAll();
        _faults.Where(fault => !_expectedFaults.Exists(expected => expected(fault))).ShouldBeEmpty();
    }

    private void Note(object message)
    {
        switch (message)
        {
            case Error error:
                _faults.Add($"{error.LogSource}: {error.Message} {error.Cause}");
                break;
            case UnhandledMessage unhandled:
                _faults.Add($"unhandled by {unhandled.Recipient}: {unhandled.Message}");
                break;
        }
    }
}
