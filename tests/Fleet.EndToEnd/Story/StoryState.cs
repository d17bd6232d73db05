namespace Fleet.EndToEnd.Story;

/// <summary>What one chapter of the story begins and later ones use.</summary>
public sealed class StoryState : IDisposable
{
    /// <summary>The token that both agents enrolled with.</summary>
    internal string JoinToken { get; set; } = "";

    /// <summary>The foreign subscriber, from the enrolment on.</summary>
    internal EventFollower? Events { get; set; }

    internal EventFollower Followed => Events ?? throw new InvalidOperationException("the chapter that starts the subscriber failed");

    public void Dispose() => Events?.Dispose();
}
