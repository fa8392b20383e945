using System.Reflection;
using System.Xml.Linq;
using NetArchTest.Rules;

namespace Presence.Specs.Architecture;

/// <summary>Arrows point inwards: adapters → Actors → Core, Host → all, and adapters don't know each other.</summary>
public sealed class ArrowSpecs
{
    private const string Core = "Presence.Core";
    private const string Actors = "Presence.Actors";
    private const string WebSocket = "Presence.Adapters.WebSocket";
    private const string Http = "Presence.Adapters.Http";
    private const string Sql = "Presence.Adapters.Sql";
    private const string Host = "Presence.Host";

    private static readonly string[] Databases =
    [
        "Microsoft.Data.Sqlite",
        "Npgsql",
        "Dapper",
        "DbUp",
        "LinqToDB",
        "Akka.Persistence.Sql",
        "System.Data",
    ];

    [Theory]
    [InlineData(Core, "")]
    [InlineData(Actors, Core)]
    [InlineData(WebSocket, Actors + ";" + Core)]
    [InlineData(Http, Actors + ";" + Core)]
    [InlineData(Sql, Actors + ";" + Core)]
    [InlineData(Host, Actors + ";" + Http + ";" + Sql + ";" + WebSocket + ";" + Core)]
    public void A_project_names_only_the_projects_it_may_know(string project, string allowed)
    {
        var named = ProjectFile(project)
            .Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));

        named.ShouldBe(allowed.Split(';', StringSplitOptions.RemoveEmptyEntries), ignoreOrder: true);
    }

    [Theory]
    [InlineData(Core, Actors, WebSocket, Http, Sql, Host)]
    [InlineData(Actors, WebSocket, Http, Sql, Host)]
    [InlineData(WebSocket, Http, Sql, Host)]
    [InlineData(Http, WebSocket, Sql, Host)]
    [InlineData(Sql, WebSocket, Http, Host)]
    public void No_arrow_points_back_and_adapters_do_not_know_each_other(string project, params string[] forbidden) =>
        NoTypeOf(project, forbidden);

    [Fact]
    public void Core_names_no_package()
    {
        ProjectFile(Core).Descendants("PackageReference").ShouldBeEmpty();
        ProjectFile(Core).Descendants("FrameworkReference").ShouldBeEmpty();
    }

    [Fact]
    public void Core_knows_nothing_but_the_framework() =>
        Assembly.Load(Core).GetReferencedAssemblies().ShouldAllBe(name => IsFramework(name.Name!));

    [Fact]
    public void Core_does_no_input_or_output() =>
        NoTypeOf(
            Core,
            "System.Net",
            "System.Data",
            "System.IO.File",
            "System.IO.FileStream",
            "System.Threading.Timer",
            "Akka",
            "Microsoft"
        );

    [Fact]
    public void Actors_know_neither_the_web_nor_a_database() =>
        NoTypeOf(Actors, ["Microsoft.AspNetCore", "System.Net.WebSockets", "System.Net.Http", .. Databases]);

    [Fact]
    public void Only_the_sql_adapter_knows_a_database()
    {
        NoTypeOf(WebSocket, Databases);
        NoTypeOf(Http, Databases);
    }

    private static void NoTypeOf(string project, params string[] forbidden)
    {
        var offenders = Types.InAssembly(Assembly.Load(project)).That().HaveDependencyOnAny(forbidden).GetTypes().ToList();

        offenders.Select(type => type.FullName).ShouldBeEmpty($"{project} must not depend on {string.Join(", ", forbidden)}");
    }

    private static bool IsFramework(string assembly) =>
        assembly is "mscorlib" or "netstandard" || assembly.StartsWith("System.", StringComparison.Ordinal);

    private static XDocument ProjectFile(string project) => XDocument.Load(Path.Combine(Root(), project, project + ".csproj"));

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Presence.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException("Presence.sln is in no folder above " + AppContext.BaseDirectory);
    }
}
