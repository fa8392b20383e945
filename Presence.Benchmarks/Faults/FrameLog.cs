using System.Globalization;
using System.Text;

namespace Presence.Benchmarks.Faults;

/// <summary>Every frame that every client got or sent, in a file, a line each: the time, who, <c>&lt;</c> or <c>&gt;</c>, the bytes. Kept when a word was broken.</summary>
internal sealed class FrameLog : IDisposable
{
    /// <summary>Beyond it nothing more is kept, and the file says so.</summary>
    private const long MaxBytes = 4L << 30;

    private readonly Lock _lock = new();
    private readonly FileStream _file;
    private readonly byte[] _head = new byte[64];
    private bool _full;

    /// <summary>Makes the file.</summary>
    public FrameLog(string path) => _file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 20);

    /// <summary>Adds a line.</summary>
    public void Add(int who, char direction, ReadOnlySpan<byte> frame)
    {
        lock (_lock)
        {
            if (_full)
            {
                return;
            }

            if (_file.Position > MaxBytes)
            {
                _full = true;
                _file.Write("the file is full: what follows was not kept\n"u8);
                return;
            }

            var head = string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:HH:mm:ss.ffffff} {who} {direction} ");
            _file.Write(_head.AsSpan(0, Encoding.ASCII.GetBytes(head, _head)));
            _file.Write(frame);
            _file.WriteByte((byte)'\n');
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _full = true;
            _file.Dispose();
        }
    }
}
