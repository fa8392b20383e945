using BenchmarkDotNet.Running;

BenchmarkSwitcher.FromAssembly(typeof(Presence.Benchmarks.BenchmarksAssembly).Assembly).Run(args);

namespace Presence.Benchmarks
{
    /// <summary>Names this assembly; the host has a Program of its own.</summary>
    internal static class BenchmarksAssembly;
}
