using System.Diagnostics;

namespace Presence.Benchmarks.Faults.Nodes;

/// <summary>The service as it was at an earlier revision of this repository, built into a folder of its own, which is kept for the next time.</summary>
internal static class EarlierBuild
{
    private static readonly string[] Mains = ["origin/main", "main"];

    /// <summary>Builds it; its short name, and its assembly.</summary>
    /// <param name="given">The revision; null: the last release, or where main was before.</param>
    /// <exception cref="SkippedException">This is no clone, or none with an earlier revision.</exception>
    public static async Task<(string Name, string Assembly)> Make(string? given)
    {
        var root =
            Parents(AppContext.BaseDirectory).FirstOrDefault(folder => Path.Exists(Path.Combine(folder, ".git")))
            ?? throw new SkippedException("an earlier build needs the repository's history, and this is no clone");
        var revision =
            (given is null ? await Before(root) : await Git(root, "rev-parse", "--verify", "--quiet", given + "^{commit}"))
            ?? throw new SkippedException(
                given is null ? "there is no earlier revision here: write from=<revision>" : $"there is no revision '{given}' here"
            );
        var folder = Path.Combine(Path.GetTempPath(), "presence-earlier", revision);
        var assembly = Path.Combine(folder, "Presence.Host", "bin", "Release", "net10.0", "Presence.Host.dll");
        if (!File.Exists(assembly))
        {
            await Build(root, revision, folder);
        }

        return (revision[..10], assembly);
    }

    /// <summary>The last release; else where this branch left main; on main itself what it was before its last merge.</summary>
    private static async Task<string?> Before(string root)
    {
        var head = await Git(root, "rev-parse", "HEAD");
        if (await Git(root, "describe", "--tags", "--abbrev=0", "HEAD^") is { } release)
        {
            return await Git(root, "rev-parse", release + "^{commit}");
        }

        foreach (var main in Mains)
        {
            if (await Git(root, "merge-base", "HEAD", main) is { } left && left != head)
            {
                return left;
            }
        }

        return await Git(root, "rev-parse", "--verify", "--quiet", "HEAD^");
    }

    /// <summary>Under another name until it is whole.</summary>
    private static async Task Build(string root, string revision, string folder)
    {
        var making = $"{folder}.{Environment.ProcessId}";
        Directory.CreateDirectory(making);
        var archive = making + ".tar";
        _ =
            await Git(root, "archive", "--format=tar", "--output=" + archive, revision)
            ?? throw new InvalidOperationException($"{revision} could not be read");
        await System.Formats.Tar.TarFile.ExtractToDirectoryAsync(archive, making, overwriteFiles: true);
        File.Delete(archive);
        var (code, output) = await Run(making, "dotnet", "build", "Presence.Host", "-c", "Release", "-v", "quiet", "-p:RunAnalyzers=false");
        if (code != 0)
        {
            throw new InvalidOperationException($"{revision} could not be built: {output}");
        }

        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Directory.Move(making, folder);
    }

    private static IEnumerable<string> Parents(string? folder)
    {
        for (; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            yield return folder;
        }
    }

    private static async Task<string?> Git(string root, params string[] arguments)
    {
        var (code, output) = await Run(root, "git", arguments);
        return code == 0 ? output.Trim() : null;
    }

    private static async Task<(int Code, string Output)> Run(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // No build node may outlive the run.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} could not be started");
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        await errors;
        return (process.ExitCode, output);
    }
}
