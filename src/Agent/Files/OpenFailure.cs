namespace Fleet.Agent.Files;

/// <summary>Why something could not be opened below a folder.</summary>
internal enum OpenFailure
{
    None,

    /// <summary>There is nothing of that name, or a part of the path is not a folder.</summary>
    Missing,

    /// <summary>A part of the path is a symbolic link.</summary>
    Link,

    Other,
}
