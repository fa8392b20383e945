using System.Text.Json;

// Are there known vulnerabilities in what is used, and under which licences is it? Loaded by build.cake.

var auditFolder = MakeAbsolute(Directory("artifacts/audit"));

// Under which a package may be used here. Another one is looked at by a person, and then added or not.
var licences = new[] { "MIT", "MIT-0", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "MS-PL", "PostgreSQL", "Unlicense", "0BSD" };

Task("Audit")
    .Description("Looks for packages with known vulnerabilities, and at the licences of what is shipped.")
    .Does(() =>
    {
        DotNet("restore Presence.sln --verbosity quiet");
        Licences();
        Vulnerabilities();
    });

void Vulnerabilities()
{
    // An audit that finds nothing says nothing, unless it would have found something: the canary has a known vulnerability (GHSA-5crp-9r3c-p9vr).
    CleanDirectory(auditFolder);
    System.IO.File.WriteAllText($"{auditFolder}/Directory.Build.props", "<Project />");
    System.IO.File.WriteAllText($"{auditFolder}/Directory.Packages.props", "<Project />");
    System.IO.File.WriteAllText(
        $"{auditFolder}/Canary.csproj",
        """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
          <ItemGroup><PackageReference Include="Newtonsoft.Json" Version="9.0.1" /></ItemGroup>
        </Project>
        """
    );
    if (StartProcess("dotnet", $"restore \"{auditFolder}/Canary.csproj\" --verbosity quiet") != 0)
    {
        Information("SKIPPED: the package source does not serve the canary, so that nothing is known of the others");
        return;
    }

    if (Vulnerable($"{auditFolder}/Canary.csproj").Count == 0)
    {
        Information("SKIPPED: the package source serves no advisories");
        return;
    }

    var found = Vulnerable("Presence.sln");
    foreach (var package in found)
        Error(package);
    if (found.Count > 0)
        throw new CakeException($"{found.Count} packages have known vulnerabilities");
    Information("No package has a known vulnerability; the canary was found.");
}

List<string> Vulnerable(string what)
{
    var exitCode = StartProcess(
        "dotnet",
        new ProcessSettings
        {
            Arguments = $"list \"{what}\" package --vulnerable --include-transitive --format json",
            RedirectStandardOutput = true,
        },
        out var lines
    );
    if (exitCode != 0)
        throw new CakeException($"dotnet list {what} ended with {exitCode}");
    var report = JsonDocument.Parse(string.Join('\n', lines)).RootElement;
    return Children(report, "projects")
        .SelectMany(project => Children(project, "frameworks"))
        .SelectMany(framework => Children(framework, "topLevelPackages").Concat(Children(framework, "transitivePackages")))
        .Select(package =>
            $"{package.GetProperty("id")} {package.GetProperty("resolvedVersion")}: "
            + string.Join(", ", Children(package, "vulnerabilities").Select(one => $"{one.GetProperty("severity")} {one.GetProperty("advisoryurl")}"))
        )
        .Distinct()
        .ToList();
}

void Licences()
{
    var packages = JsonDocument
        .Parse(System.IO.File.ReadAllText("Presence.Host/packages.lock.json"))
        .RootElement.GetProperty("dependencies")
        .EnumerateObject()
        .SelectMany(framework => framework.Value.EnumerateObject())
        .Where(package => package.Value.TryGetProperty("resolved", out _))
        .Select(package => (Id: package.Name.ToLowerInvariant(), Version: package.Value.GetProperty("resolved").GetString()))
        .Distinct()
        .Select(package => (package.Id, package.Version, Licence: LicenceOf(package.Id, package.Version)))
        .ToList();
    foreach (var licence in packages.GroupBy(package => package.Licence).OrderByDescending(group => group.Count()))
        Information("{0,4} packages: {1}", licence.Count(), licence.Key);
    // A package that names no expression has a file of its own, or a page: told, and not judged.
    var others = packages.Where(package => !package.Licence.StartsWith("told in ") && !licences.Contains(package.Licence)).ToList();
    foreach (var package in packages.Where(package => package.Licence.StartsWith("told in ")))
        Information("     look at {0} {1}: {2}", package.Id, package.Version, package.Licence);
    if (others.Count > 0)
        throw new CakeException($"licences that nobody has looked at: {string.Join(", ", others)}");
}

string LicenceOf(string id, string version)
{
    var folder =
        EnvironmentVariable("NUGET_PACKAGES")
        ?? System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
    var metadata = XDocument.Load(System.IO.Path.Combine(folder, id, version.ToLowerInvariant(), $"{id}.nuspec")).Root.Elements().First();
    var licence = metadata.Elements().FirstOrDefault(element => element.Name.LocalName == "license");
    return (string)licence?.Attribute("type") == "expression"
        ? licence.Value
        : $"told in {licence?.Value ?? metadata.Elements().FirstOrDefault(element => element.Name.LocalName == "licenseUrl")?.Value ?? "no place"}";
}

IEnumerable<JsonElement> Children(JsonElement parent, string name) =>
    parent.TryGetProperty(name, out var children) ? children.EnumerateArray() : Enumerable.Empty<JsonElement>();
