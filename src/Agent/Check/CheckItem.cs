namespace Fleet.Agent.Check;

/// <summary>How one thing stands.</summary>
internal enum CheckLevel
{
    Ok,
    Warn,
    Fail,
}

/// <summary>One finding of `fleet-agent check`.</summary>
/// <param name="WhatToDo">Empty if there is nothing.</param>
internal sealed record CheckItem(CheckLevel Level, string Name, string Message, string WhatToDo = "");
