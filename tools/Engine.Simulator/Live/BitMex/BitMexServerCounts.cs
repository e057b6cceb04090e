namespace Engine.Simulator.Live.BitMex;

/// <summary>What the server has done, at one moment.</summary>
/// <param name="Connections">Websockets opened.</param>
/// <param name="Refused">HTTP requests answered by the status that was asked for.</param>
/// <param name="RestAnswers">REST requests answered.</param>
/// <param name="Subscribed">Topics subscribed.</param>
/// <param name="Unsubscribed">Topics ended.</param>
/// <param name="BadRequests">Requests answered by an error.</param>
/// <param name="Pings">Pings received.</param>
/// <param name="Messages">Data messages put into clients' rows, partials included.</param>
/// <param name="CutMessages">Messages cut in the middle.</param>
/// <param name="SlowClients">Clients cut off because too many messages waited for them.</param>
/// <param name="Steps">Steps of the markets.</param>
public readonly record struct BitMexServerCounts(
    long Connections, long Refused, long RestAnswers, long Subscribed, long Unsubscribed, long BadRequests, long Pings, long Messages,
    long CutMessages, long SlowClients, long Steps);
