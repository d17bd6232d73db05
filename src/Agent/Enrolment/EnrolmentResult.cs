using Fleet.Agent.Identity;

namespace Fleet.Agent.Enrolment;

/// <summary>What came of an enrolment: an identity, or what went wrong and what to do about it.</summary>
internal sealed record EnrolmentResult(HostIdentity? Identity, string Problem = "", string WhatToDo = "");
