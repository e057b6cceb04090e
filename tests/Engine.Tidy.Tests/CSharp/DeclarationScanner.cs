using System.Text.RegularExpressions;

namespace Engine.Tidy.Tests.CSharp;

/// <summary>
/// Finds the declarations of a source text: follows its braces, and calls each text between two boundaries (`;`, `{`, `}`,
/// in an enum also `,`) outside bodies a head. No parser, but enough for a tree that compiles.
/// </summary>
internal sealed class DeclarationScanner
{
    private const string Modifiers =
        @"^(?:(?:public|internal|protected|private|static|sealed|abstract|partial|readonly|ref|unsafe|file|new|virtual|override|extern|async|required|const)\s+)*";

    private static readonly Regex s_type = new(
        Modifiers + @"(?<kind>record\s+struct|record\s+class|record|class|struct|interface|enum)\s+@?(?<name>\w+)", RegexOptions.CultureInvariant);

    private static readonly Regex s_namespace = new(@"^namespace\s+(?<name>[\w.]+)", RegexOptions.CultureInvariant);
    private static readonly Regex s_public = new(Modifiers + @"(?<=\bpublic\s+)", RegexOptions.CultureInvariant);
    private static readonly Regex s_hidden = new(Modifiers + @"(?<=\b(?:private|internal|protected)\s+)", RegexOptions.CultureInvariant);
    private static readonly Regex s_notMember = new(@"^(?:using|extern\s+alias|global\s+using)\b|^[^\w@~\[(]", RegexOptions.CultureInvariant);

    private readonly string _code;
    private readonly string[] _lines;
    private readonly List<Declaration> _found = [];
    private readonly Stack<Frame> _frames = new();
    private int _head = -1;
    private int _nesting;

    private DeclarationScanner(string source)
    {
        _code = CodeText.Of(source);
        _lines = source.Split('\n');
        _frames.Push(new Frame(DeclarationKind.Namespace, IsBody: false, InNamespace: false, IsPublic: true, Nesting: 0));
    }

    /// <summary>All declarations, in source order.</summary>
    public static IReadOnlyList<Declaration> Scan(string source)
    {
        var scanner = new DeclarationScanner(source);
        for (int i = 0; i < scanner._code.Length; i++)
        {
            scanner.Step(i);
        }

        return scanner._found;
    }

    private void Step(int at)
    {
        char c = _code[at];
        Frame frame = _frames.Peek();
        if (frame.IsBody)
        {
            if (c == '{')
            {
                _frames.Push(frame with { Nesting = 0, ClosesHead = false });
            }
            else if (c == '}')
            {
                Close(at);
            }

            return;
        }

        if (_head < 0 && !char.IsWhiteSpace(c) && c is not ('{' or '}' or ';' or ','))
        {
            _head = at;
        }

        switch (c)
        {
            case '(' or '[':
                _nesting++;
                break;
            case ')' or ']':
                _nesting--;
                break;
            case '{':
                Open(at, frame);
                break;
            case '}':
                Close(at);
                break;
            case ';' when _nesting == 0:
            case ',' when _nesting == 0 && frame.Kind == DeclarationKind.Enum:
                EndHead(at);
                break;
        }
    }

    private void Open(int at, Frame frame)
    {
        if (_nesting > 0)
        {
            _frames.Push(frame with { IsBody = true, Nesting = _nesting, ClosesHead = false });
            return;
        }

        Declaration? declared = EndHead(at);
        bool scope = declared is { Kind: not DeclarationKind.Member };
        _frames.Push(new Frame(
            scope ? declared!.Kind : DeclarationKind.Member, !scope,
            frame.InNamespace || declared?.Kind == DeclarationKind.Namespace, scope && declared!.IsPublic, 0));
    }

    private void Close(int at)
    {
        if (!_frames.Peek().IsBody)
        {
            EndHead(at);
        }

        // The outermost frame is the file; a stray brace leaves it.
        if (_frames.Count == 1)
        {
            return;
        }

        Frame closed = _frames.Pop();
        _nesting = closed.Nesting;
        if (closed.ClosesHead)
        {
            _head = -1;
        }
    }

    private Declaration? EndHead(int at)
    {
        if (_head < 0)
        {
            return null;
        }

        int start = _head;
        _head = -1;
        string head = WithoutAttributes(_code[start..at]).Trim();
        Frame frame = _frames.Peek();
        if (head.Length == 0 || s_notMember.IsMatch(head))
        {
            return null;
        }

        Declaration declaration = Read(head, start, at, frame);
        _found.Add(declaration);
        if (declaration.Kind == DeclarationKind.Namespace && _code[at] == ';')
        {
            _frames.Pop();
            _frames.Push(frame with { InNamespace = true });
        }

        return declaration;
    }

    private Declaration Read(string head, int start, int end, Frame frame)
    {
        int line = _code.AsSpan(0, start).Count('\n');
        int lastLine = line + _code.AsSpan(start, end - start).Count('\n');
        if (s_namespace.Match(head) is { Success: true } spaceMatch)
        {
            return new Declaration(DeclarationKind.Namespace, spaceMatch.Groups["name"].Value, line + 1, frame.InNamespace, true, true);
        }

        bool shown = frame.Kind switch
        {
            DeclarationKind.Enum => true,
            DeclarationKind.Interface => !s_hidden.IsMatch(head),
            _ => s_public.IsMatch(head),
        };
        Match type = s_type.Match(head);
        DeclarationKind kind = !type.Success ? DeclarationKind.Member : type.Groups["kind"].Value switch
        {
            "interface" => DeclarationKind.Interface,
            "enum" => DeclarationKind.Enum,
            _ => DeclarationKind.Type,
        };
        string name = type.Success ? type.Groups["name"].Value : string.Join(' ', head.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return new Declaration(kind, name, line + 1, frame.InNamespace, frame.IsPublic && shown, HasDocs(line, lastLine, IsFirstOnLine(start)));
    }

    private bool IsFirstOnLine(int at)
    {
        int lineStart = at == 0 ? 0 : _code.LastIndexOf('\n', at - 1) + 1;
        return _code.AsSpan(lineStart, at - lineStart).IsWhiteSpace();
    }

    private bool HasDocs(int line, int lastLine, bool isFirstOnLine)
    {
        for (int i = line; i <= lastLine; i++)
        {
            if (_lines[i].TrimStart().StartsWith("///", StringComparison.Ordinal))
            {
                return true;
            }
        }

        // What stands above belongs to the first declaration of a line.
        for (int i = line - 1; i >= 0 && isFirstOnLine; i--)
        {
            string above = _lines[i].Trim();
            if (above.StartsWith("///", StringComparison.Ordinal))
            {
                return true;
            }

            if (!above.StartsWith("//", StringComparison.Ordinal) && !above.StartsWith('#'))
            {
                return false;
            }
        }

        return false;
    }

    private static string WithoutAttributes(string head)
    {
        int at = 0;
        while (at < head.Length && (head[at] == '[' || char.IsWhiteSpace(head[at])))
        {
            if (head[at] == '[')
            {
                int depth = 0;
                do
                {
                    depth += head[at] == '[' ? 1 : head[at] == ']' ? -1 : 0;
                    at++;
                }
                while (depth > 0 && at < head.Length);
            }
            else
            {
                at++;
            }
        }

        return head[at..];
    }

    private readonly record struct Frame(
        DeclarationKind Kind, bool IsBody, bool InNamespace, bool IsPublic, int Nesting, bool ClosesHead = true);
}
