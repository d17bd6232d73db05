namespace Orleans.Configuration;

/// <summary>How calls behave in a silo.</summary>
public class SiloMessagingOptions : MessagingOptions
{
    /// <summary>How many requests may wait for one activation; more are refused. 0 means any number.</summary>
    public int MaxEnqueuedRequestsHardLimit { get; set; }

    /// <summary>How many requests may wait for one activation of a stateless worker; more are refused. 0 means any number.</summary>
    public int MaxEnqueuedRequestsHardLimit_StatelessWorker { get; set; }
}
