using Presence.Core.Errors;

namespace Presence.Specs.World;

/// <summary>A store's reach: there, away, or not answering until it is released.</summary>
internal sealed class Gate
{
    private TaskCompletionSource? _held;

    /// <summary>Whether everything fails.</summary>
    public bool IsDown { get; set; }

    /// <summary>A query of more than so many is not answered in time.</summary>
    public int Most { get; set; } = int.MaxValue;

    /// <summary>Nothing is answered from now on.</summary>
    public void Hold() => _held = new TaskCompletionSource();

    /// <summary>All that was asked meanwhile is answered, before this returns.</summary>
    public void Release()
    {
        var held = _held;
        _held = null;
        var context = SynchronizationContext.Current;
        // Else the continuations would go to another thread, and the spec could not know when they are done.
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            held?.SetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    public async Task<T> Pass<T>(Func<T> answer, int of = 0)
    {
        ThrowIfDown();
        if (of > Most)
        {
            throw new StoreUnavailableException("the store is slow", new TimeoutException());
        }

        var found = answer();
        if (_held is { } held)
        {
            await held.Task.ConfigureAwait(false);
            ThrowIfDown();
        }

        return found;
    }

    private void ThrowIfDown()
    {
        if (IsDown)
        {
            throw new StoreUnavailableException("the store is down");
        }
    }
}
