namespace Orleans.Runtime;

/// <summary>Runs once when the silo has started; the host's start waits for it.</summary>
public interface IStartupTask
{
    /// <summary>The work. Throwing fails the start.</summary>
    Task Execute(CancellationToken cancellationToken);
}
