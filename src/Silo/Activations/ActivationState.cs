namespace Orleans.Runtime;

/// <summary>Where an activation is in its life.</summary>
internal enum ActivationState
{
    /// <summary>Made, and not yet asked for anything.</summary>
    Created,

    /// <summary>Constructing, reading state, in <c>OnActivateAsync</c>. Requests wait.</summary>
    Activating,

    /// <summary>Handling requests.</summary>
    Valid,

    /// <summary>Running requests end, none starts; then <c>OnDeactivateAsync</c>.</summary>
    Deactivating,

    /// <summary>Over. Whoever still holds it must look its grain up again.</summary>
    Invalid,
}
