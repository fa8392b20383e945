using System.Globalization;
using System.Text;

namespace Presence.Benchmarks.Fuzz.Targets;

/// <summary>The inputs that together reach what has been reached: a file a target, an input a line, what is no printable ASCII written <c>\xNN</c>.</summary>
internal static class Corpus
{
    /// <summary>The inputs of a file; none where there is none.</summary>
    public static List<byte[]> Read(string path) => File.Exists(path) ? [.. File.ReadLines(path).Select(Unescape)] : [];

    /// <summary>Writes them, sorted, so that a change shows what is new.</summary>
    public static void Write(string path, IEnumerable<byte[]> inputs)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllLines(path, inputs.Select(Escape).Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>An input as a line.</summary>
    public static string Escape(byte[] input)
    {
        var line = new StringBuilder(input.Length);
        foreach (var value in input)
        {
            if (value is >= (byte)' ' and < 0x7F and not (byte)'\\')
            {
                line.Append((char)value);
            }
            else
            {
                line.Append(CultureInfo.InvariantCulture, $"\\x{value:x2}");
            }
        }

        return line.ToString();
    }

    /// <summary>The input that a line stands for.</summary>
    public static byte[] Unescape(string line)
    {
        var input = new List<byte>(line.Length);
        for (var i = 0; i < line.Length; i++)
        {
            var isEscaped = line[i] == '\\';
            input.Add(
                isEscaped ? byte.Parse(line.AsSpan(i + 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : (byte)line[i]
            );
            i += isEscaped ? 3 : 0;
        }

        return [.. input];
    }
}
