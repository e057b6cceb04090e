namespace Engine.Tidy.Tests.CSharp;

/// <summary>
/// C# source with its comments, literals and preprocessor lines turned to spaces. Offsets and line ends stay, so that a
/// finding in the result has its place in the source. What stands in the holes of an interpolated string is code, and stays.
/// </summary>
internal sealed class CodeText
{
    private readonly string _source;
    private readonly char[] _code;
    private int _at;

    private CodeText(string source)
    {
        _source = source;
        _code = source.ToCharArray();
    }

    /// <summary>The code of a source text, as long as it.</summary>
    public static string Of(string source)
    {
        var text = new CodeText(source);
        text.Code(inHole: false);
        return new string(text._code);
    }

    private char Peek(int ahead = 0) => _at + ahead < _source.Length ? _source[_at + ahead] : '\0';

    private void Code(bool inHole)
    {
        int depth = 0;
        while (_at < _source.Length)
        {
            char c = _source[_at];
            if (c == '/' && Peek(1) == '/')
            {
                BlankLine();
            }
            else if (c == '/' && Peek(1) == '*')
            {
                int end = _source.IndexOf("*/", _at + 2, StringComparison.Ordinal);
                Blank(end < 0 ? _source.Length : end + 2);
            }
            else if (c == '#' && _source.AsSpan(LineStart(), _at - LineStart()).IsWhiteSpace())
            {
                BlankLine();
            }
            else if (c == '\'')
            {
                CharLiteral();
            }
            else if (StartsString(out int prefix))
            {
                StringLiteral(prefix);
            }
            else if (inHole && c == '}' && depth == 0)
            {
                return;
            }
            else
            {
                depth += c == '{' ? 1 : c == '}' ? -1 : 0;
                _at++;
            }
        }
    }

    private int LineStart() => _at == 0 ? 0 : _source.LastIndexOf('\n', _at - 1) + 1;

    private bool StartsString(out int prefix)
    {
        prefix = 0;
        while (Peek(prefix) is '$' or '@')
        {
            prefix++;
        }

        return Peek(prefix) == '"';
    }

    private void StringLiteral(int prefix)
    {
        ReadOnlySpan<char> marks = _source.AsSpan(_at, prefix);
        int dollars = marks.Count('$');
        bool verbatim = marks.Contains('@');
        Blank(_at + prefix);
        int quotes = Run('"');
        if (!verbatim && quotes >= 3)
        {
            Blank(_at + quotes);
            RawBody(quotes, dollars);
        }
        else
        {
            Blank(_at + 1);
            Body(verbatim, dollars > 0);
        }
    }

    private void Body(bool verbatim, bool interpolated)
    {
        while (_at < _source.Length)
        {
            char c = Peek();
            if (c == '"' && verbatim && Peek(1) == '"')
            {
                Blank(_at + 2);
            }
            else if (c == '"' || (c == '\n' && !verbatim))
            {
                Blank(_at + 1);
                return;
            }
            else if ((c == '\\' && !verbatim) || (interpolated && c is '{' or '}' && Peek(1) == c))
            {
                Blank(_at + 2);
            }
            else if (interpolated && c == '{')
            {
                Hole(1);
            }
            else
            {
                Blank(_at + 1);
            }
        }
    }

    private void RawBody(int quotes, int dollars)
    {
        while (_at < _source.Length)
        {
            int run = Run('"');
            int braces = dollars > 0 ? Run('{') : 0;
            if (run >= quotes)
            {
                Blank(_at + run);
                return;
            }

            if (dollars > 0 && braces >= dollars)
            {
                Blank(_at + braces - dollars);
                Hole(dollars);
            }
            else
            {
                Blank(_at + Math.Max(1, run));
            }
        }
    }

    /// <summary>From the first of its opening braces to behind the last of the closing ones.</summary>
    private void Hole(int braces)
    {
        Blank(_at + braces);
        Code(inHole: true);
        Blank(_at + braces);
    }

    private void CharLiteral()
    {
        int end = _at + 1;
        while (end < _source.Length && _source[end] is not ('\'' or '\n'))
        {
            end += _source[end] == '\\' ? 2 : 1;
        }

        Blank(end + 1);
    }

    private int Run(char c)
    {
        int count = 0;
        while (Peek(count) == c)
        {
            count++;
        }

        return count;
    }

    private void BlankLine()
    {
        int end = _source.IndexOf('\n', _at);
        Blank(end < 0 ? _source.Length : end);
    }

    private void Blank(int end)
    {
        for (end = Math.Min(end, _source.Length); _at < end; _at++)
        {
            if (_code[_at] != '\n')
            {
                _code[_at] = ' ';
            }
        }
    }
}
