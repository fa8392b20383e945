using Presence.Adapters.Sql;

namespace Presence.Specs.Sql;

/// <summary>Whose turn it is to write to the file.</summary>
public sealed class WriteGateSpecs
{
    private readonly WriteGate _gate = new(TimeSpan.FromMinutes(1));

    [Fact]
    public async Task What_somebody_waits_for_has_at_most_one_write_before_it_for_which_nobody_does()
    {
        await _gate.Enter(isBackground: true, CancellationToken.None);
        var background = Enumerable.Range(0, 10).Select(_ => _gate.Enter(isBackground: true, CancellationToken.None).AsTask()).ToList();
        var awaited = _gate.Enter(isBackground: false, CancellationToken.None).AsTask();

        _gate.Leave(isBackground: true);
        await awaited;

        background.Count(turn => turn.IsCompletedSuccessfully).ShouldBe(0);
        _gate.Leave(isBackground: false);
        foreach (var turn in background)
        {
            await turn;
            _gate.Leave(isBackground: true);
        }
    }

    [Fact]
    public async Task The_background_has_its_turn_too_however_many_others_come()
    {
        await _gate.Enter(isBackground: false, CancellationToken.None);
        var background = _gate.Enter(isBackground: true, CancellationToken.None).AsTask();
        var others = Enumerable.Range(0, 10).Select(_ => _gate.Enter(isBackground: false, CancellationToken.None).AsTask()).ToList();

        _gate.Leave(isBackground: false);
        await background;

        others.ShouldAllBe(turn => !turn.IsCompleted);
        _gate.Leave(isBackground: true);
        await others[0];
    }

    [Fact]
    public async Task Who_gives_up_takes_no_turn()
    {
        await _gate.Enter(isBackground: true, CancellationToken.None);
        using var given = new CancellationTokenSource();
        var first = _gate.Enter(isBackground: true, given.Token).AsTask();
        await given.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first);

        _gate.Leave(isBackground: true);

        await _gate.Enter(isBackground: true, CancellationToken.None);
        _gate.Leave(isBackground: true);
        await _gate.Enter(isBackground: false, CancellationToken.None);
    }
}
