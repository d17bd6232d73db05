namespace Fleet.Coordinator.Grains;

/// <summary>One policy; the key is its name. Queues its runs when they are due.</summary>
[Alias("fleet.PolicyGrain")]
internal interface IPolicyGrain : IGrainWithStringKey
{
    /// <summary>Reads the policy and its hosts again, because something about them has changed. Also activates the grain.</summary>
    [Alias("Refresh")]
    Task RefreshAsync();
}
