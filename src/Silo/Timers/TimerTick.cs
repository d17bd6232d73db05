namespace Orleans.Runtime;

/// <summary>One call of a grain timer.</summary>
internal sealed class TimerTick(GrainTimer timer) : Turn
{
    public override bool Interleaves => timer.Interleaves;

    public override bool IsReadOnly => false;

    public override bool IsUse => timer.KeepsAlive;

    public override bool IsExpired => timer.IsDisposed;

    public override Task RunAsync(Activation activation) => timer.TickAsync();

    public override void OnActivationEnded(Activation activation, Exception? failure) => timer.Dispose();
}
