using Presence.Specs.Support;

namespace Presence.Specs.Hostile;

/// <summary>The tables of docs/websocket.md are those that the specs run.</summary>
public sealed class SocketDocumentSpecs
{
    [Fact]
    public void Each_case_over_an_open_socket_is_a_row_with_its_reaction() =>
        ShouldTell(SocketCases.All.Select(row => $"| {row.Source} | {row.Name} | {row.Reaction.Text} |"));

    [Fact]
    public void Each_handshake_is_a_row_with_its_answer() =>
        ShouldTell(HandshakeCases.All.Select(row => $"| {row.Name} | {row.Status} | {row.Code ?? ""} |"));

    private static void ShouldTell(IEnumerable<string> rows)
    {
        var expected = string.Join('\n', rows);

        Repository
            .Read("docs/websocket.md")
            .ReplaceLineEndings("\n")
            .ShouldContain(expected, Case.Sensitive, $"the table should be\n{expected}");
    }
}
