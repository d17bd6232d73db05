namespace Orleans.Runtime;

/// <summary>The stages that an activation goes through, upwards when it begins and downwards when it ends.</summary>
public static class GrainLifecycleStage
{
    /// <summary>Before everything else.</summary>
    public const int First = int.MinValue;

    /// <summary>State is read from storage.</summary>
    public const int SetupState = 1000;

    /// <summary><c>OnActivateAsync</c>, <c>OnDeactivateAsync</c>.</summary>
    public const int Activate = 2000;

    /// <summary>After everything else.</summary>
    public const int Last = int.MaxValue;
}
