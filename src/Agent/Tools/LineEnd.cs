namespace Fleet.Agent.Tools;

/// <summary>What ended a line of output.</summary>
internal enum LineEnd
{
    NewLine,
    CarriageReturn,

    /// <summary>The output ended without a line end.</summary>
    EndOfOutput,
}
