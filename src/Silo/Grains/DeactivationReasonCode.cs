namespace Orleans;

/// <summary>Why an activation ended.</summary>
[GenerateSerializer]
public enum DeactivationReasonCode : byte
{
    /// <summary>No reason was given.</summary>
    None = 0,

    /// <summary>The silo stops.</summary>
    ShuttingDown = 1,

    /// <summary>It never became active: its constructor, its state or its <c>OnActivateAsync</c> failed.</summary>
    ActivationFailed = 2,

    /// <summary>The directory of activations failed.</summary>
    DirectoryFailure = 3,

    /// <summary>Nobody called it for its collection age.</summary>
    ActivationIdle = 4,

    /// <summary>It did not answer.</summary>
    ActivationUnresponsive = 5,

    /// <summary>Another activation of the same grain won.</summary>
    DuplicateActivation = 6,

    /// <summary>It could not serve a request of another version.</summary>
    IncompatibleRequest = 7,

    /// <summary>It failed.</summary>
    ApplicationError = 8,

    /// <summary>It asked for it: <c>DeactivateOnIdle</c>.</summary>
    ApplicationRequested = 9,

    /// <summary>It moves to another silo.</summary>
    Migrating = 10,

    /// <summary>The runtime asked for it.</summary>
    RuntimeRequested = 11,

    /// <summary>Memory was short.</summary>
    HighMemoryPressure = 12,
}
