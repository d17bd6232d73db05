namespace Fleet.Agent.Tools;

/// <summary>Why a tool failed, read from lines that are known: recorded from a real release, never guessed from an exit code.</summary>
/// <param name="What">What happened, one clause for a person. Safe to show.</param>
/// <param name="WhatToDo">What a person does about it; empty if there is nothing, or if <paramref name="What"/> says it.</param>
/// <param name="Retryable">Another attempt may succeed without anybody doing anything.</param>
internal sealed record FailureReason(FailureKind Kind, string What, string WhatToDo = "", bool Retryable = false)
{
    /// <summary>One sentence, safe to show.</summary>
    public string Message => WhatToDo.Length == 0 ? What : $"{What}: {WhatToDo}";
}
