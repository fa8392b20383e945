using System.Text;
using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using Akka.Persistence;
using Akka.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Presence.Adapters.Sql;
using Presence.Core.Cluster;
using Presence.Core.Users;

namespace Presence.Specs.Sql;

public sealed class JournalInSqliteSpecs() : JournalSpecs(null);

[Collection("postgres")]
public sealed class JournalInPostgresSpecs(PostgresServer server) : JournalSpecs(server);

/// <summary>What every journal does, with real persistent actors.</summary>
public abstract class JournalSpecs(PostgresServer? server) : StoreSpecs(server)
{
    [SkippableFact]
    public async Task What_was_acknowledged_is_there_after_a_restart()
    {
        await using (var first = await JournalHost.Start(Store.Options))
        {
            (await first.Write("user-a", "one")).ShouldBeNull();
            (await first.Write("user-a", "two")).ShouldBeNull();
            (await first.Write("user-b", "other")).ShouldBeNull();
        }

        await using var second = await JournalHost.Start(Store.Options);
        (await second.Read("user-a")).ShouldBe("one,two");
        (await second.Read("user-b")).ShouldBe("other");
        (await second.Read("user-c")).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task What_a_node_wrote_before_and_after_another_is_all_read_back()
    {
        await using var first = await JournalHost.Start(Store.Options);
        await using var second = await JournalHost.Start(Store.Options);
        (await first.Write("user-a", "one")).ShouldBeNull();
        (await second.Write("user-a", "two")).ShouldBeNull();
        (await first.Write("user-a", "three")).ShouldBeNull();

        (await first.Read("user-a")).ShouldBe("one,two,three");
        (await second.Read("user-a")).ShouldBe("one,two,three");
    }

    [SkippableFact]
    public async Task The_user_store_sees_how_far_the_journal_is()
    {
        await using var host = await JournalHost.Start(Store.Options);
        for (var number = 1; number <= 3; number++)
            await host.Write("user-a", "x");

        var row = (await Store.Get<IUserStore>().Load(Users("a"), None))[User("a")];

        // And that there are facts which this version can't read.
        row.ShouldBe(new UserRow(User("a"), null, 0, 3, null, false));
    }

    [SkippableFact]
    public async Task A_recovery_looks_for_no_snapshot()
    {
        await using var host = await JournalHost.Start(Store.Options);
        await host.Read("user-a");

        (await host.HasSystemActor("akka.persistence.no-snapshot-store")).ShouldBeTrue();
        (await host.HasSystemActor("akka.persistence.snapshot-store.local")).ShouldBeFalse();
    }

    [SkippableFact]
    public async Task A_storm_of_writes_of_many_actors_is_stored_whole()
    {
        await using var host = await JournalHost.Start(Store.Options);

        // The first write of a process prepares and compiles what the others find ready.
        (await host.Write("user-0", "x")).ShouldBeNull();

        var written = await Task.WhenAll(Enumerable.Range(1, 500).Select(number => host.Write($"user-{number}", "x")));

        written.ShouldAllBe(failure => failure == null);
        (await Store.Query("select count(*) from journal")).ShouldBe(["501"]);
    }

    [SkippableFact]
    public async Task A_storm_of_recoveries_does_not_fail()
    {
        await using var host = await JournalHost.Start(Store.Options);

        var read = await Task.WhenAll(Enumerable.Range(0, 500).Select(number => host.Read($"user-{number}")));

        read.ShouldAllBe(text => text.Length == 0);
    }
}

/// <summary>An actor system with nothing but the journal.</summary>
internal sealed class JournalHost : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly IHost _host;

    private JournalHost(IHost host) => _host = host;

    private ActorSystem System => _host.Services.GetRequiredService<ActorSystem>();

    public static async Task<JournalHost> Start(StorageOptions options, string hocon = "", NodeName? node = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        builder.Services.AddAkka(
            "journal",
            akka =>
                akka.AddHocon(NoteSerializer.Hocon, HoconAddMode.Prepend)
                    .WithSqlJournal(options, node ?? NodeName.New())
                    .AddHocon(hocon, HoconAddMode.Prepend)
        );
        var host = builder.Build();
        await host.StartAsync();
        return new(host);
    }

    /// <summary>Null, or why it was not stored.</summary>
    public async Task<string?> Write(string persistenceId, string text) =>
        (await Ask(persistenceId, new Note(text)) as NotStored)?.Cause.Message;

    /// <summary>What was stored.</summary>
    public async Task<string> Read(string persistenceId) => (await Ask(persistenceId, "read")).ShouldBeOfType<Notes>().Text;

    /// <summary>Whether the system has an actor of its own by that name.</summary>
    public async Task<bool> HasSystemActor(string name) =>
        (await System.ActorSelection("/system/" + name).Ask<ActorIdentity>(new Identify(null), Patience)).Subject is not null;

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private async Task<object> Ask(string persistenceId, object message)
    {
        var answer = new TaskCompletionSource<object>(TaskCreationOptions.RunContinuationsAsynchronously);
        var actor = System.ActorOf(Props.Create(() => new NoteActor(persistenceId, answer)));
        actor.Tell(message);
        try
        {
            return await answer.Task.WaitAsync(Patience);
        }
        finally
        {
            await actor.GracefulStop(Patience);
        }
    }
}

internal sealed record Note(string Text);

internal sealed record Stored;

internal sealed record NotStored(Exception Cause);

internal sealed record Notes(string Text);

/// <summary>Does one thing, with a journal behind it that may fail at each step.</summary>
internal sealed class NoteActor(string persistenceId, TaskCompletionSource<object> answer) : UntypedPersistentActor
{
    private readonly List<string> _notes = [];

    public override string PersistenceId => persistenceId;

    protected override void OnCommand(object message)
    {
        if (message is Note note)
            Persist(note, _ => answer.SetResult(new Stored()));
        else
            answer.SetResult(new Notes(string.Join(',', _notes)));
    }

    protected override void OnRecover(object message)
    {
        if (message is Note note)
            _notes.Add(note.Text);
    }

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) => answer.SetResult(new NotStored(cause));

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr) => answer.SetResult(new NotStored(cause));

    protected override void OnRecoveryFailure(Exception reason, object? message = null) => answer.SetResult(new NotStored(reason));
}

/// <summary>Notes as plain text; nothing else may be serialized.</summary>
internal sealed class NoteSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    public static Config Hocon { get; } =
        ConfigurationFactory.ParseString(
            $$"""
            akka.actor {
              serializers.note = "{{typeof(NoteSerializer).AssemblyQualifiedName}}"
              serialization-bindings {
                "System.Object" = note
                "{{typeof(Note).AssemblyQualifiedName}}" = note
              }
              serialization-identifiers { "{{typeof(NoteSerializer).AssemblyQualifiedName}}" = 4711 }
            }
            """
        );

    public override int Identifier => 4711;

    public override string Manifest(object o) =>
        o is Note ? "note" : throw new System.Runtime.Serialization.SerializationException(o.GetType().ToString());

    public override byte[] ToBinary(object obj) => Encoding.UTF8.GetBytes(((Note)obj).Text);

    public override object FromBinary(byte[] bytes, string manifest) =>
        manifest == "note"
            ? new Note(Encoding.UTF8.GetString(bytes))
            : throw new System.Runtime.Serialization.SerializationException(manifest);
}
