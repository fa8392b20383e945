using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace Presence.Benchmarks.Fuzz;

/// <summary>What the instrumented code has reached: a byte for each step from a branch to the next, as AFL counts them.</summary>
internal sealed unsafe class Coverage
{
    private const int Size = 65_536;

    private readonly byte* _map = (byte*)NativeMemory.AllocZeroed(Size);
    private readonly byte[] _seen = new byte[Size];

    private readonly bool _countsToo;

    /// <summary>From here on the code writes here.</summary>
    /// <param name="countsToo">Whether a step taken much more often than before is news too.</param>
    public Coverage(bool countsToo = true)
    {
        _countsToo = countsToo;
        Trace.SharedMem = _map;
    }

    /// <summary>The steps ever seen.</summary>
    public int Steps => _seen.Count(value => value != 0);

    /// <summary>Runs it, and says whether it reached a step that none has before, or took one so much more often.</summary>
    public bool IsNew(Action run)
    {
        new Span<byte>(_map, Size).Clear();
        Trace.PrevLocation = 0;
        run();
        var isNew = false;
        for (var i = 0; i < Size; i++)
        {
            if (_map[i] != 0 && (_seen[i] & Bucket(_map[i])) == 0)
            {
                _seen[i] |= Bucket(_map[i]);
                isNew = true;
            }
        }

        return isNew;
    }

    /// <summary>Once, twice, three times, and then by powers of two.</summary>
    private byte Bucket(byte times) =>
        times switch
        {
            _ when !_countsToo => 1,
            1 => 1,
            2 => 2,
            3 => 4,
            <= 7 => 8,
            <= 15 => 16,
            <= 31 => 32,
            <= 127 => 64,
            _ => 128,
        };
}
