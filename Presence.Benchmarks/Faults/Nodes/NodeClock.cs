using System.Diagnostics;
using System.Globalization;

namespace Presence.Benchmarks.Faults.Nodes;

/// <summary>The wall clock of one node, which can be set while it runs: libfaketime, preloaded, adds what stands in a file. What measures intervals is not touched.</summary>
internal sealed class NodeClock
{
    private const string Preload = "/faketime/libfaketimeMT.so.1";

    private static readonly Lazy<string?> s_library = new(FindOrInstall);

    private readonly string _file;

    /// <summary>Makes one that is right.</summary>
    /// <param name="file">Where the offset is kept.</param>
    public NodeClock(string file)
    {
        _file = file;
        Set(TimeSpan.Zero);
    }

    /// <summary>How far it is ahead of the machine's.</summary>
    public TimeSpan Offset { get; private set; }

    /// <summary>Why no clock can be set here; null where they can.</summary>
    public static string? WhyNot() =>
        s_library.Value is null ? "clocks are set by libfaketime, which only root can install, with apt" : null;

    /// <summary>With what a node is started to have it.</summary>
    public IEnumerable<string> Settings() =>
        [
            $"LD_PRELOAD={s_library.Value}",
            $"FAKETIME_TIMESTAMP_FILE={_file}",
            "FAKETIME_NO_CACHE=1",
            "FAKETIME_DONT_FAKE_MONOTONIC=1",
            // Else a wait for half a second, which the runtime measures on the monotonic clock, ends at once.
            "FAKETIME_FORCE_MONOTONIC_FIX=0",
            "NO_FAKE_STAT=1",
        ];

    /// <summary>Sets it, so far ahead of the machine's or, below zero, behind. The node notices with its next look at the clock.</summary>
    public void Set(TimeSpan offset)
    {
        Offset = offset;
        // Renamed: the node reads it all the time, and must not meet half a file.
        File.WriteAllText(_file + ".new", string.Create(CultureInfo.InvariantCulture, $"{offset.TotalSeconds:+0.000;-0.000}\n"));
        File.Move(_file + ".new", _file, overwrite: true);
    }

    /// <summary>Deletes what the library left of a process that was killed: one that got the same number could not start.</summary>
    public static void Forget(int process)
    {
        File.Delete(string.Create(CultureInfo.InvariantCulture, $"/dev/shm/faketime_shm_{process}"));
        File.Delete(string.Create(CultureInfo.InvariantCulture, $"/dev/shm/sem.faketime_sem_{process}"));
    }

    private static string? FindOrInstall()
    {
        if (Find() is { } there)
        {
            return there;
        }

        if (File.Exists("/usr/bin/apt-get") && Environment.UserName == "root" && (Install() || (Apt("update -q") && Install())))
        {
            return Find();
        }

        return null;
    }

    private static string? Find() =>
        Directory.Exists("/usr/lib")
            ? Directory.EnumerateDirectories("/usr/lib").Select(folder => folder + Preload).FirstOrDefault(File.Exists)
            : null;

    private static bool Install() => Apt("install -y -q --no-install-recommends libfaketime");

    private static bool Apt(string arguments)
    {
        var start = new ProcessStartInfo("apt-get", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        using var apt = Process.Start(start) ?? throw new InvalidOperationException("apt-get could not be started");
        apt.BeginOutputReadLine();
        apt.BeginErrorReadLine();
        apt.WaitForExit();
        return apt.ExitCode == 0;
    }
}
